import type { ConstantTable } from "../calibration/parameters.ts";
import type { Form, Proposal } from "../proposals/proposal.ts";

/** What a plugin is, as plain data: all that is known of it outside the threads that run it. */
export interface PluginDescription {
  readonly name: string;
  readonly title: string;
  readonly forms: Readonly<Record<string, Omit<Form, "install">>>;
  readonly constants: ConstantTable;
  /** Of the file's text. */
  readonly hash: string;
}

export function describe({ name, title, forms, constants = {} }: Proposal, hash: string): PluginDescription {
  const plainForms = Object.entries(forms).map(([form, { provenance, sources, stateless, changes }]) => [
    form,
    {
      provenance,
      sources: [...sources],
      ...(stateless && { stateless }),
      ...(changes && { changes: changes.map(({ where, what, source }) => ({ where, what, source })) }),
    },
  ]);
  const plainConstants = Object.entries(constants).map(
    ([constant, { unit, low, typical, high, source, kind, what }]) => [
      constant,
      { unit, low, typical, high, source, kind, what },
    ],
  );
  return { name, title, forms: Object.fromEntries(plainForms), constants: Object.fromEntries(plainConstants), hash };
}

/** Stands for the plugin where cells are planned and none is run. */
export function standIn({ name, title, forms, constants }: PluginDescription): Proposal {
  const install = (): never => {
    throw new Error(`${name} is installed in the thread that runs its cell, and nowhere else`);
  };
  const known = Object.entries(forms).map(([form, plain]): [string, Form] => [form, { ...plain, install }]);
  return { contract: 1, name, title, forms: Object.fromEntries(known), constants };
}
