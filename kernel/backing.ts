/** What a mapping was made from: struct pages, an attachment to a dma-buf, or the bare resource of a BAR. */
export type Backing = "pages" | "dma-buf" | "resource";
