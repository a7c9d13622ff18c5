import fc from "fast-check";

/** One seed for every property, so that a red run is red again; another one by P2PEVAL_TEST_SEED. fast-check prints it on failure. */
fc.configureGlobal({ seed: Number(process.env["P2PEVAL_TEST_SEED"] ?? 20161121) });
