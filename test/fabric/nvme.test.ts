import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Parameters } from "../../calibration/parameters.ts";
import { type NvmeCommand, NvmeController, type NvmeStatus, prpEntries } from "../../fabric/nvme.ts";
import { Leaper, type Work } from "../../sim/leaper.ts";
import { busAddr, PAGE_BYTES, pagesSpanned, ticksOfNs } from "../../sim/units.ts";
import { apertureOf, boot, endpoint, GPU0, KIB, leftBehind, MIB, NVME0, oneSwitch, type Rig } from "./machines.ts";

const NOBODY = 2 ** 50;

interface Drive {
  readonly rig: Rig;
  readonly controller: NvmeController;
  readonly host: number;
  /** A command whose queue entries and lists have a place of their own in memory, by its number. */
  readonly command: (number: number, kind: NvmeCommand["kind"], address: number, length: number) => NvmeCommand;
}

function drive(constants: Readonly<Record<string, number>> = {}): Drive {
  const rig = boot(oneSwitch(), [NVME0, GPU0], constants);
  const { clock, fabric, topology } = rig;
  const parameters = Parameters.typical().with(constants);
  const memory = fabric.addresses.memory(0).base;
  return {
    rig,
    controller: new NvmeController(clock, fabric, parameters, endpoint(topology, NVME0)),
    host: fabric.node("egress 0"),
    command: (number, kind, address, length) => ({
      kind,
      segments: [{ address: busAddr(address), length }],
      entry: busAddr(memory + 64 * number),
      completion: busAddr(memory + MIB + 16 * number),
      prpList: busAddr(memory + 2 * MIB + PAGE_BYTES * number),
      interrupt: busAddr(fabric.addresses.interrupts(0)),
    }),
  };
}

/** Runs one command alone; what it ends with, and the transfers that the drive made, in order. */
function execute(
  { rig, controller, host }: Drive,
  command: NvmeCommand,
): { readonly status: NvmeStatus | "unfinished"; readonly transfers: readonly string[] } {
  const transfers: string[] = [];
  let status: NvmeStatus | "unfinished" = "unfinished";
  rig.history.on("dma-began", ({ initiator, length, payload }) => {
    transfers.push(`${initiator === NVME0 ? "drive" : "host"} ${length} B${payload ? " payload" : ""}`);
  });
  rig.clock.spawn(
    "command",
    (function* () {
      status = yield* controller.execute(command, host);
    })(),
  );
  rig.clock.run();
  return { status, transfers };
}

describe("An NVMe command", () => {
  test("is rung for by a store of the CPU: a packet on the links, and no DMA in the history", () => {
    const each = drive();
    const { transfers } = execute(each, each.command(0, "read", apertureOf(oneSwitch(), GPU0), 4 * KIB));
    expect(transfers.filter((one) => one.startsWith("host"))).toEqual([]);
    const doorbell = each.rig.packets.filter(({ transfer }) => transfer === 1);
    expect(doorbell.map(({ kind, length }) => `${kind} ${length} B`)).toContain("MWr 4 B");
  });

  test("names two pages itself, and more in a list that the drive fetches", () => {
    const fetched = (length: number, offset: number): readonly string[] => {
      const each = drive();
      return execute(each, each.command(0, "read", apertureOf(oneSwitch(), GPU0) + offset, length)).transfers;
    };
    const course = (...middle: readonly string[]): readonly string[] => [
      "drive 64 B",
      ...middle,
      "drive 16 B",
      "drive 4 B",
    ];
    expect(fetched(4 * KIB, 0)).toEqual(course("drive 4096 B payload"));
    expect(fetched(8 * KIB, 0)).toEqual(course("drive 8192 B payload"));
    expect(fetched(8 * KIB, 512)).toEqual(course("drive 16 B", "drive 8192 B payload"));
    expect(fetched(40 * KIB, 0)).toEqual(
      course("drive 72 B", "drive 16384 B payload", "drive 16384 B payload", "drive 8192 B payload"),
    );
  });

  test("counts a PRP entry for every page that a segment touches", () => {
    const segment = fc.record({ address: fc.nat(2 ** 30).map(busAddr), length: fc.integer({ min: 1, max: 2 ** 20 }) });
    fc.assert(
      fc.property(fc.array(segment), (segments) => {
        const pages = segments.reduce((sum, { address, length }) => sum + pagesSpanned(address, length), 0);
        expect(prpEntries(segments)).toBe(pages);
      }),
    );
  });

  test("that writes memory hands its data on as it comes off the media", () => {
    const each = drive({ "nvme.read_rate": 1e9 });
    const starts: number[] = [];
    each.rig.history.on("dma-began", ({ at, payload }) => payload && starts.push(at));
    execute(each, each.command(0, "read", apertureOf(oneSwitch(), GPU0), 64 * KIB));
    const stripe = 16384 * ticksOfNs(1);
    expect(starts.slice(1).map((start, place) => start - (starts[place] ?? 0))).toEqual([stripe, stripe, stripe]);
  });

  test("that reads memory is done when the media has it all", () => {
    const latencyOf = (ns: number): number => {
      const each = drive({ "nvme.write_latency": ns });
      execute(each, each.command(0, "write", apertureOf(oneSwitch(), GPU0), 4 * KIB));
      return each.rig.clock.now;
    };
    expect(latencyOf(9000) - latencyOf(1000)).toBe(ticksOfNs(8000));
  });
});

describe("An NVMe command fails", () => {
  test("with a data transfer error where the data cannot be read, and still completes", () => {
    const each = drive();
    const { status, transfers } = execute(each, each.command(0, "write", NOBODY, 4 * KIB));
    expect([status, transfers.slice(-2)]).toEqual(["data-transfer-error", ["drive 16 B", "drive 4 B"]]);
    expect(leftBehind(each.rig)).toEqual([]);
  });

  test("not at all where the data is written into the void: the drive cannot know", () => {
    const each = drive();
    expect(execute(each, each.command(0, "read", NOBODY, 4 * KIB)).status).toBe("success");
  });

  test("with a data transfer error where its PRP list cannot be read", () => {
    const each = drive();
    const command = { ...each.command(0, "read", apertureOf(oneSwitch(), GPU0), 64 * KIB), prpList: busAddr(NOBODY) };
    expect(execute(each, command)).toEqual({
      status: "data-transfer-error",
      transfers: ["drive 64 B", "drive 120 B", "drive 16 B", "drive 4 B"],
    });
  });

  test("for good where its submission entry cannot be read: nobody is told", () => {
    const each = drive();
    const command = { ...each.command(0, "read", apertureOf(oneSwitch(), GPU0), 4 * KIB), entry: busAddr(NOBODY) };
    expect(execute(each, command)).toEqual({ status: "dead", transfers: ["drive 64 B"] });
  });
});

describe("Commands of one drive", () => {
  test("share its media, stripe by stripe", () => {
    const together = drive({ "nvme.read_rate": 1e9, "nvme.read_latency": 0, "nvme.command_latency": 0 });
    const { rig, controller, host, command } = together;
    for (const number of [0, 1])
      rig.clock.spawn(
        "command",
        (function* () {
          const address = apertureOf(oneSwitch(), GPU0) + number * MIB;
          yield* controller.execute(command(number, "read", address, 64 * KIB), host);
        })(),
      );
    const order: number[] = [];
    rig.history.on(
      "dma-began",
      ({ address, payload }) => payload && order.push(Math.floor((address % (16 * MIB)) / MIB)),
    );
    rig.clock.run();
    expect(order).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
  });

  /** Lanes of commands of unequal size; nothing but the states of clock, fabric and drive says where each of them stands. */
  function lanes(sizes: readonly number[], pieces: number, leaps: boolean): object {
    const { rig, controller, host, command } = drive({ "nvme.read_latency": 0, "nvme.command_latency": 0 });
    const { clock, fabric } = rig;
    fabric.engine.trace = undefined;
    const work = new Pieces(pieces);
    const states = [clock, fabric, fabric.iommu, controller, ...fabric.caches];
    const leaper = new Leaper(clock, states, [fabric.engine, fabric.iommu], work);
    if (leaps) clock.atRest = () => leaper.sample();
    function* piece(lane: number, size: number): Generator<number, void, void> {
      yield* controller.execute(command(lane, "read", apertureOf(oneSwitch(), GPU0) + lane * MIB, size), host);
      clock.requestRest();
      if (work.left === 0) return;
      work.skip(1);
      clock.succeed(piece(lane, size), [lane]);
    }
    for (const [lane, size] of sizes.entries()) clock.spawn("lane", piece(lane, size), [lane]);
    clock.run();
    return { end: clock.epoch + clock.now, wire: [...fabric.engine.wireBytes] };
  }

  test("are leapt over only where all of them stand at the same stripe again", () => {
    for (const sizes of [
      [4 * KIB, MIB],
      [16 * KIB, 128 * KIB, 48 * KIB],
      [4 * KIB, 4 * KIB],
    ])
      expect(lanes(sizes, 400, true)).toEqual(lanes(sizes, 400, false));
  });
});

class Pieces implements Work {
  begun = 0;
  left: number;
  constructor(pieces: number) {
    this.left = pieces;
  }
  skip(pieces: number): void {
    this.begun += pieces;
    this.left -= pieces;
  }
}
