import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Bar, type Endpoint, type Topology, topologyFaults } from "../../fabric/topology.ts";
import { attach, printAttachment, readAttachment } from "../../machines/attach.ts";
import { PRESETS } from "../../machines/presets.ts";
import { GIB, MIB, machineOf, run } from "../harness/cells.ts";

const read = (text: string) => {
  const attachment = readAttachment(text);
  if (typeof attachment === "string") throw new Error(attachment);
  return attachment;
};

/** The machine without its capture card, so that the port above it is free. */
const bare = () => {
  const machine = machineOf("one-switch");
  return { ...machine, functions: machine.functions.filter(({ id }) => id !== "0000:1f:00.0") };
};
const FREE = "0000:19:04.0";

describe("An attachment", () => {
  test.each([
    ["capture:gen3x8@17:02.0", { role: "capture", link: { generation: 3, width: 8 }, window: 0, port: "17:02.0" }],
    [
      "gpu:gen4x16@0000:19:03.0",
      { role: "gpu", link: { generation: 4, width: 16 }, window: 16 * GIB, port: "0000:19:03.0" },
    ],
    [" nic:gen5x16:64MiB@a:b ", { role: "nic", link: { generation: 5, width: 16 }, window: 64 * MIB, port: "a:b" }],
  ])("is read from %s", (text, attachment) => {
    expect(readAttachment(text)).toEqual(attachment);
    expect(readAttachment(printAttachment(read(text)))).toEqual(attachment);
  });

  test.each([
    ["capture", "cannot be read; ROLE:genNxW[:SIZE]@PORT is right"],
    ["toaster:gen3x8@17:02.0", '"toaster" is no role of a device; one of nvme, gpu, nic, capture is'],
    ["gpu:gen7x16@17:02.0", "gen7x16 is no link"],
    ["gpu:gen3x3@17:02.0", "gen3x3 is no link"],
    ["gpu:gen3x16:3MiB@17:02.0", '"3MiB" is no size of a BAR; a power of two like 64MiB is'],
    ["gpu:gen3x16:much@17:02.0", '"much" is no size of a BAR'],
  ])("says what is wrong with %s", (text, words) => {
    expect(readAttachment(text)).toContain(words);
  });
});

describe("A device that is attached", () => {
  test("hangs below its port with its link, its window where no other is, and the machine says that it was not there", () => {
    const machine = attach(bare(), read(`capture:gen2x4:64MiB@${FREE}`));
    if (typeof machine === "string") throw new Error(machine);
    const device = machine.functions.at(-1) as Endpoint;
    expect(device).toMatchObject({
      id: `${FREE}+capture`,
      parent: FREE,
      role: "capture",
      link: { generation: 2, width: 4 },
    });
    expect(device.bars.map(({ size, prefetchable }) => [size, prefetchable])).toEqual([
      [16 * MIB, false],
      [64 * MIB, true],
    ]);
    expect(machine.warnings).toEqual([`${FREE}+capture is not in the machine: it was attached`]);
    expect(run({ machine, workload: "capture-to-gpu", size: 4147200, total: 8 * 4147200 }).status).toBe("completed");
  });

  test.each([
    ["0000:1a:00.0", "0000:1a:00.0 is a device; name the port that the new one hangs below"],
    ["18:00.0", "0000:18:00.0 is a switch's upper end; name one of its downstream ports"],
    ["0000:19:00.0", "below 0000:19:00.0 there is 0000:1a:00.0 already; name a port with nothing below it"],
    ["19:07.0", "one-switch has no port 19:07.0; did you mean 19:00.0"],
    ["nowhere", "one-switch has no port nowhere"],
  ])("cannot be put at %s", (port, words) => {
    expect(attach(machineOf("one-switch"), read(`capture:gen3x8@${port}`))).toContain(words);
  });

  test("makes a machine of every preset with a free port, and overlaps no BAR", () => {
    const role = fc.constantFrom("nvme", "gpu", "nic", "capture");
    const size = fc.integer({ min: 0, max: 40 }).map((power) => 2 ** power);
    fc.assert(
      fc.property(fc.constantFrom(...freePorts()), role, size, ({ machine, port }, wanted, window) => {
        const wider = attach(machine, read(`${wanted}:gen3x8:${window}@${port}`));
        if (typeof wider === "string") throw new Error(wider);
        expectApart(wider.functions.flatMap((each) => (each.kind === "endpoint" ? each.bars : [])));
      }),
    );
  });
});

/** Every port of a preset that stays a machine without what hangs below it. */
function freePorts(): readonly { readonly machine: Topology; readonly port: string }[] {
  return [...PRESETS.values()].flatMap((preset) => {
    const whole = preset.topology();
    const ports = whole.functions.filter(({ kind }) => kind === "root-port" || kind === "downstream-port");
    return ports
      .map(({ id }) => ({
        machine: { ...whole, functions: whole.functions.filter(({ parent }) => parent !== id) },
        port: id,
      }))
      .filter(({ machine }) => topologyFaults(machine).length === 0);
  });
}

function expectApart(bars: readonly Bar[]): void {
  const sorted = [...bars].sort((a, b) => a.base - b.base);
  for (const [index, bar] of sorted.entries()) {
    expect(bar.base % bar.size).toBe(0);
    expect(bar.base + bar.size).toBeLessThanOrEqual(sorted[index + 1]?.base ?? Number.POSITIVE_INFINITY);
  }
}
