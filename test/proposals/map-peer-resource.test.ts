import { describe, expect, test } from "vitest";
import { ACS_LINUX, ACS_OFF, type Acs, type PciFunction, type Topology } from "../../fabric/topology.ts";
import { mapPeerResource } from "../../proposals/map-peer-resource.ts";
import type { IommuMode } from "../../record/cell.ts";
import {
  brokenIn,
  countOf,
  historyOf,
  KIB,
  machineOf,
  measured,
  only,
  run,
  verdictsOf,
  type Words,
} from "../harness/cells.ts";
import { fullMachine } from "../harness/full-machine.ts";
import { Bench, refused } from "../kernel/bench.ts";
import { BETWEEN_GPUS, describeProposal } from "./contract.ts";

describeProposal(
  mapPeerResource,
  {},
  {
    "as-posted": {
      workloads: BETWEEN_GPUS,
      refused: {
        "storage-to-gpu": "block layer",
        "gpu-to-storage": "block layer",
        "capture-to-gpu": "V4L2",
        "capture-to-storage": "block layer",
        "nic-to-gpu": "RDMA core",
      },
    },
  },
);

const ROOT_PORT = "0000:17:00.0";
const UPSTREAM = "0000:18:00.0";
const DOWNSTREAM = /^0000:19:/;

const changed = (machine: Topology, change: (each: PciFunction) => PciFunction): Topology => ({
  ...machine,
  functions: machine.functions.map(change),
});

/** The preset of which some ports have other ACS bits; none at all where `acs` is undefined. */
const withAcsAt = (name: string, port: RegExp, acs: Acs | undefined, offered?: Acs): Topology =>
  changed(machineOf(name), ({ acs: had, ...each }) =>
    port.test(each.id)
      ? { ...each, ...(acs && { acs }), ...(offered && { acsOffered: offered }) }
      : { ...each, ...(had && { acs: had }) },
  );

/** The switch's upstream port is one of two functions and has ACS, so that its bits count. */
function withMultiFunctionUpstream(upstream: Acs): Topology {
  const machine = withAcsAt("one-switch", new RegExp(`^${ROOT_PORT}$`), ACS_OFF, ACS_OFF);
  const twin = machine.functions.find(({ id }) => id === UPSTREAM);
  if (twin === undefined) throw new Error("the preset has changed");
  const functions = machine.functions.map((each) => (each.id === UPSTREAM ? { ...each, acs: upstream } : each));
  return { ...machine, functions: [...functions, { ...twin, id: "0000:18:00.1" }] };
}

const onTwoZens: Topology = {
  ...machineOf("two-sockets"),
  hostBridges: machineOf("two-sockets").hostBridges.map((bridge) => ({ ...bridge, identity: "1022:1450" })),
};
const bareRootPort = withAcsAt("one-switch", new RegExp(`^${ROOT_PORT}$`), undefined);
const rootPortWithoutRr = withAcsAt("one-switch", new RegExp(`^${ROOT_PORT}$`), ACS_OFF, ACS_OFF);

describe("pci_peer_traffic_supported, by the code that was posted again in 2018,", () => {
  const TABLE: readonly (readonly [string, string | Topology, IommuMode, boolean])[] = [
    ["lets two through that share a root port whose redirect is off", "one-switch", "off", true],
    ["stops two below different root ports whose redirect is off", "client-root-ports", "off", false],
    ["stops them with an IOMMU as well", "client-root-ports", "lazy", false],
    ["stops two below different root ports of a Zen, which forwards", "zen-root-ports", "off", false],
    [
      "lets two through whose root ports redirect to an IOMMU",
      withAcsAt("client-root-ports", /./, ACS_LINUX),
      "lazy",
      true,
    ],
    ["stops two whose root port redirects to no IOMMU", "acs-redirect", "off", false],
    ["lets those through with an IOMMU in passthrough", "acs-redirect", "passthrough", true],
    ["lets two through with a bridge in common and no ACS above", bareRootPort, "off", true],
    ["stops two with neither", withAcsAt("client-root-ports", /./, undefined), "off", false],
    ["takes an upstream port alone in its slot for one that forwards upwards", rootPortWithoutRr, "off", false],
    ["asks for an IOMMU then", rootPortWithoutRr, "passthrough", true],
    ["reads the bits of an upstream port of several functions", withMultiFunctionUpstream(ACS_OFF), "off", true],
    ["and stops where they forward upwards", withMultiFunctionUpstream(ACS_LINUX), "off", false],
    ["stops two on different host bridges", "two-sockets", "lazy", false],
    ["unless the first is a Zen's", onTwoZens, "off", true],
  ];
  test.each(TABLE)("%s", (_title, machine, iommu, supported) => {
    const bench = new Bench({ machine, iommu });
    const form = mapPeerResource.forms["as-posted"];
    if (form === undefined) throw new Error("the form is gone");
    const answer = bench.done(
      (function* () {
        const provider = yield* form.install(bench.kernel).provide({ exporter: bench.gpu, importer: bench.nvme });
        const region = "alloc" in provider ? yield* provider.alloc(bench.driver.memory.aperture.size) : provider;
        const exposed = "expose" in region ? yield* region.expose() : region;
        const held = "resolve" in exposed ? yield* exposed.resolve() : exposed;
        return "map" in held ? yield* held.map() : held;
      })(),
    );
    if (supported) expect(answer).toHaveProperty("access");
    else
      expect(refused(answer)).toMatchObject({ errno: "EIO", who: "pci_peer_traffic_supported", whom: bench.nvme.name });
  });
});

describe("map-peer-resource", () => {
  const push: Words = { form: "map-peer-resource/as-posted", workload: "gpu-to-gpu" };
  const total = 64 * 4 * KIB;

  /** Downstream ports redirect; the root port, which is all that the rule reads, does not, and has these bits. */
  const redirecting = (rootPort: Acs): Topology => {
    const machine = withAcsAt("one-switch", DOWNSTREAM, ACS_LINUX);
    return changed(machine, (each) => (each.id === ROOT_PORT ? { ...each, acs: rootPort } : each));
  };

  test("never looks at a switch's downstream ports: it says yes, and every packet is redirected", () => {
    const machine = redirecting({ ...ACS_OFF, upstreamForwarding: true });
    for (const workload of BETWEEN_GPUS) {
      const outcome = run({ ...push, workload, machine });
      expect([outcome.status, outcome.path]).toEqual(["completed", "same-root-port"]);
      expect(measured(outcome, "root_complex_payload_bytes")).toBe(2 * total);
      expect(measured(run({ ...push, workload }), "root_complex_payload_bytes")).toBe(0);
    }
  });

  test("says yes too where the root port does not send back what is redirected to it: writes are lost without a word", () => {
    const machine = redirecting(ACS_OFF);
    const outcome = run({ ...push, machine });
    expect([outcome.status, verdictsOf(outcome)["sound-delivery"]]).toEqual(["corrupt", "broken"]);
    expect(measured(outcome, "lost_bytes")).toBe(total);
    const pull = run({ ...push, machine, workload: "gpu-to-gpu-pull" });
    expect([pull.status, pull.reason]).toEqual(["failed", expect.stringContaining("ACS")]);
    expect(run({ machine, form: "rdma-dma-buf/intended" }).status).toBe("staged");
  });

  test("says yes where the root complex carries no reads, once an IOMMU is there: pulls fail, pushes arrive", () => {
    const words: Words = { ...push, machine: fullMachine("client-root-ports"), iommu: "lazy", acs: "on" };
    expect(run(words).status).toBe("completed");
    const pull = run({ ...words, workload: "gpu-to-gpu-pull" });
    expect([pull.status, pull.reason]).toEqual([
      "failed",
      expect.stringContaining("not forwarded by the root complex"),
    ]);
  });

  test.each(["client-root-ports", "two-sockets"])(
    "refuses an unroutable pair before anything is sent, on %s",
    (name) => {
      const machine = fullMachine(name);
      // Where both GPUs are below one root port there is nothing to refuse: the drive is on another.
      const words: Words = { form: "map-peer-resource/intended", machine, workload: "storage-to-gpu" };
      const outcome = run(words);
      expect(outcome.status).toBe("refused");
      expect(outcome.reason).toMatch(/^EIO from pci_peer_traffic_supported for .*: no peer traffic with /);
      expect(brokenIn(outcome)).toEqual([]);
      expect(only(historyOf(words), "dma-began")).toEqual([]);
    },
  );

  test("gives the importer an IO virtual address behind an IOMMU, and its bus address without", () => {
    const first = (iommu: IommuMode): number => {
      const payload = only(historyOf({ ...push, iommu, total: 4 * KIB }), "dma-landed").find((each) => each.payload);
      return payload?.address ?? -1;
    };
    expect(first("off")).toBeGreaterThanOrEqual(2 ** 40);
    for (const iommu of ["lazy", "strict"] as const) {
      expect(first(iommu)).toBeLessThan(2 ** 32);
      expect(measured(run({ ...push, iommu }), "root_complex_payload_bytes")).toBe(2 * total);
    }
  });

  test("takes no struct page and pins nothing, and reads the ports' registers for every mapping", () => {
    const outcome = run(push);
    expect([measured(outcome, "struct_page_bytes"), measured(outcome, "pinned_bytes")]).toEqual([0, 0]);
    expect(countOf(outcome, "cpu.config_read")).toBe(64 * 5);
    expect(countOf(run({ ...push, reuse: 16 }), "cpu.config_read")).toBe(4 * 5);
  });
});
