import { FirstBreach, type Invariant } from "./invariant.ts";

export const everyRequestEnds: Invariant = {
  contract: 1,
  name: "every-request-ends",
  statement: "Every request that was submitted is served or refused, exactly once.",
  watch: (history) => {
    const open = new Set<number>();
    const breach = new FirstBreach();
    let latest = 0;
    const close = (request: number): void => {
      if (!open.delete(request)) breach.breach("a request ended that was not open");
    };
    history.on("submitted", ({ request }) => {
      breach.saw();
      latest = request;
      open.add(request);
    });
    history.on("served", ({ request }) => close(request));
    history.on("refused", ({ request }) => close(request));
    history.on("ended", () => {
      if (open.size > 0) breach.breach(`${open.size} of the requests had not ended when nothing could happen any more`);
    });
    return {
      verdict: () => breach.finding("every request ended once", "no request was submitted"),
      writeState: (out) => {
        breach.writeState(out);
        for (const request of open) out.put(request - latest);
      },
    };
  },
};
