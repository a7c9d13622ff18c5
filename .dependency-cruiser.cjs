// The import ladder: folder order = import order = reading order. Type imports count.

/** What each folder may import besides itself; of a plugin folder the harness and the reports see the contract only. */
const contracts = ["proposals/proposal.ts", "workloads/workload.ts", "invariants/invariant.ts", "claims/claim.ts"];
const machine = ["sim", "calibration", "record", "fabric", "kernel"];
const core = {
  sim: [],
  calibration: ["sim"],
  record: ["sim"],
  fabric: ["sim", "calibration", "record"],
  kernel: ["sim", "calibration", "record", "fabric"],
  proposals: machine,
  workloads: ["sim", "record", "fabric"],
  invariants: ["sim", "record"],
  claims: ["sim", "record"],
  machines: ["sim", "fabric"],
  harness: [...machine, "machines", ...contracts],
};
const folders = { ...core, reports: ["sim", "record", ...contracts] };
const all = [...Object.keys(folders), "cli"];
const everything = [...all, "package.json"];
const ladder = { ...folders, cli: everything, test: everything, bench: everything };

/** npm packages that the portable core may use: pure computation, nothing of Node. */
const packages = { sim: ["pure-rand"], calibration: ["zod"], machines: ["zod"], harness: ["yaml"] };
/** Plugin folder -> its contract, which every plugin there may import; no plugin imports another. */
const plugins = { proposals: "proposal", workloads: "workload", invariants: "invariant", claims: "claim" };
/** The one plugin that builds on another. */
const builtOn = { "proposals/iopmem": "proposals/zone-device" };

/** A name with a dot is a file, any other a folder. */
const pattern = (name) => (name.includes(".") ? `${name.replaceAll(".", "\\.")}$` : `${name}/`);
const fromAny = (names) => `^(${names.map(pattern).join("|")})`;
const npm = (names) => `^node_modules/(${["(?!.)", ...names].join("|")})/`;
const error = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

module.exports = {
  forbidden: [
    ...Object.entries(ladder).map(([folder, allowed]) =>
      error(
        `ladder-${folder}`,
        `${folder}/ may import only: ${[folder, ...allowed].join(", ")}`,
        { path: `^${folder}/` },
        { pathNot: [fromAny([folder, ...allowed]), "^node_modules/"], dependencyTypesNot: ["core", "unknown"] },
      ),
    ),
    ...Object.entries(plugins).map(([folder, contract]) =>
      error(
        `plugin-apart-${folder}`,
        `a plugin of ${folder}/ imports its own files and ${contract}.ts, no other plugin`,
        {
          path: `^${folder}/([^/.]+)`,
          pathNot: [`^${folder}/index\\.ts$`, ...Object.keys(builtOn).map((plugin) => `^${plugin}(/|\\.ts$)`)],
        },
        { path: `^${folder}/`, pathNot: `^${folder}/($1|${contract})(/|\\.ts$)` },
      ),
    ),
    ...Object.entries(builtOn).map(([plugin, base]) => {
      const folder = plugin.split("/")[0];
      const own = `^(${plugin}|${base}|${folder}/${plugins[folder]})(/|\\.ts$)`;
      return error(
        `plugin-apart-${plugin}`,
        `${plugin} may build on ${base} and on no other plugin`,
        { path: `^${plugin}(/|\\.ts$)` },
        { path: `^${folder}/`, pathNot: own },
      );
    }),
    error(
      "kernel-4.9-apart",
      "Linux 4.9 knows nothing of what later kernels added (kernel/p2pdma/)",
      { path: "^kernel/[^/]+\\.ts$" },
      { path: "^kernel/p2pdma/" },
    ),
    ...Object.keys(core).map((folder) =>
      error(
        `portable-${folder}`,
        `${folder}/ also runs in a browser: no node: built-ins, npm packages: ${packages[folder] ?? "none"}`,
        { path: `^${folder}/` },
        { pathNot: [fromAny([...all, "test", "bench"]), npm(packages[folder] ?? [])] },
      ),
    ),
    error(
      "no-dev-packages",
      "what ships imports no devDependency",
      { path: fromAny(all) },
      { dependencyTypes: ["npm-dev", "npm-no-pkg"] },
    ),
    error("no-unresolved", "an import leads somewhere", {}, { couldNotResolve: true }),
    error("no-cycles", "type imports count too", {}, { circular: true }),
    error(
      "no-orphans",
      "a module that imports nothing and that nobody imports",
      { orphan: true, path: fromAny([...all, "test", "bench"]), pathNot: ["^(cli|bench)/main\\.ts$", "\\.mjs$"] },
      {},
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|coverage|out[^/]*|docs)/" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["types", "import", "node", "default"] },
  },
};
