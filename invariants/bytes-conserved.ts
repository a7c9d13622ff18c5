import type { Invariant } from "./invariant.ts";
import { broken, holds, unknown } from "./invariant.ts";

export const bytesConserved: Invariant = {
  contract: 1,
  name: "bytes-conserved",
  statement:
    "Bytes served without an error are the bytes that were asked for; nothing is served that nobody asked for.",
  watch: (history) => {
    const asked = new Map<number, number>();
    let latest = 0;
    let fewer = 0;
    let more = 0;
    let errors = 0;
    let any = false;
    history.on("submitted", ({ request, length }) => {
      any = true;
      latest = request;
      asked.set(request, length);
    });
    history.on("served", ({ request, length, error }) => {
      any = true;
      const wanted = asked.get(request) ?? 0;
      asked.delete(request);
      if (error !== "") errors = 1;
      else if (length < wanted) fewer += wanted - length;
      else more += length - wanted;
    });
    history.on("refused", ({ request }) => asked.delete(request));
    return {
      verdict: () => {
        if (!any) return unknown("nothing was asked for");
        if (fewer > 0) return broken(`${fewer} bytes fewer were served than were asked for`);
        if (more > 0) return broken(`${more} bytes more were served than were asked for`);
        if (asked.size > 0) return broken(`${asked.size} requests were never answered`);
        return holds(errors > 0 ? "every request was answered, some with an error" : "every byte asked for was served");
      },
      writeState: (out) => {
        out.put(fewer);
        out.put(more);
        out.put(errors);
        for (const [request, length] of asked) {
          out.put(request - latest);
          out.put(length);
        }
      },
    };
  },
};
