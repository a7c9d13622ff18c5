import type { BusAddr, Bytes, Iova, Pfn, PhysAddr, Ticks, VirtAddr } from "../../sim/units.ts";

/**
 * Never run: `tsc --noEmit` checks it. Each line below an expectation must fail to compile, or the expectation itself is the error.
 */
type Takes<T> = (value: T) => void;

declare const ticks: Ticks;
declare const bytes: Bytes;
declare const physical: PhysAddr;
declare const bus: BusAddr;
declare const iova: Iova;
declare const virtual: VirtAddr;
declare const frame: Pfn;
declare const takesTicks: Takes<Ticks>;
declare const takesBytes: Takes<Bytes>;
declare const takesPhysical: Takes<PhysAddr>;
declare const takesBus: Takes<BusAddr>;
declare const takesIova: Takes<Iova>;
declare const takesNumber: Takes<number>;

// A quantity is what it is, and a number.
takesTicks(ticks);
takesBytes(bytes);
takesPhysical(physical);
takesBus(bus);
takesIova(iova);
takesNumber(physical);

// @ts-expect-error A physical address is not a bus address: a host bridge may add an offset.
takesBus(physical);
// @ts-expect-error Nor the other way round.
takesPhysical(bus);
// @ts-expect-error An IO virtual address means nothing to the CPU.
takesPhysical(iova);
// @ts-expect-error A physical address is no IO virtual address until it is mapped.
takesIova(physical);
// @ts-expect-error An IO virtual address is not what the bus sees behind an IOMMU.
takesBus(iova);
// @ts-expect-error A process's address is not physical.
takesPhysical(virtual);
// @ts-expect-error A page frame number counts pages, not bytes.
takesPhysical(frame);
// @ts-expect-error Time is not size.
takesBytes(ticks);
// @ts-expect-error Size is not time.
takesTicks(bytes);
// @ts-expect-error A bare number has no unit.
takesTicks(5);
// @ts-expect-error Arithmetic loses the unit, and so must be branded again.
takesPhysical(physical + 4096);
