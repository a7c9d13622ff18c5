/** A video format as a capture card delivers it, uncompressed. */
export interface FrameFormat {
  readonly name: string;
  /** Bytes of one frame. */
  readonly bytes: number;
  /** Frames in so many seconds: 60000/1001 is written as such. */
  readonly frames: number;
  readonly seconds: number;
  readonly source: string;
}

/** Two bytes for each picture element: 4:2:2 with 8 bits (UYVY), what capture cards deliver most. */
const UYVY = 2;

/** Buffers that capture programs queue: four in the Linux kernel's V4L2 capture example. */
export const CAPTURE_RING = 4;

export const FRAME_FORMATS: readonly FrameFormat[] = [
  {
    name: "1080p60",
    bytes: 1920 * 1080 * UYVY,
    frames: 60,
    seconds: 1,
    source: "SMPTE ST 274 (1920 x 1080, 60 frames a second); FOURCC UYVY, 2 B an element",
  },
  {
    name: "2160p60",
    bytes: 3840 * 2160 * UYVY,
    frames: 60,
    seconds: 1,
    source: "SMPTE ST 2036-1 (3840 x 2160, 60 frames a second); FOURCC UYVY, 2 B an element",
  },
];
