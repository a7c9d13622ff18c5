/** What a case is about: each class is scored by itself. */
export const CASE_CLASSES = [
  "link",
  "latency",
  "root complex",
  "switch/ACS",
  "staged",
  "IOMMU",
  "pin",
  "migrate",
] as const;
