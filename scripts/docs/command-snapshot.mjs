/** What a script may rely on in a flag or an argument: everything but its texts. */
const FLAG_FACTS = [
  ...['type', 'char', 'aliases', 'options', 'required', 'multiple', 'default', 'env', 'allowNo'],
  ...['exclusive', 'dependsOn', 'exactlyOne', 'hidden', 'deprecated'],
];
const ARG_FACTS = ['options', 'required', 'multiple', 'default', 'hidden'];

/**
 * The command line's surface as JSON: every command with its aliases, arguments and flags. It is kept in
 * the repository, so that a change to what scripts rely on is seen as one.
 *
 * @param {{ commands: Record<string, object> }} manifest what oclif.manifest.json holds
 */
export function commandSnapshot(manifest) {
  const commands = sortedEntries(manifest.commands).map(([id, command]) => [
    id,
    {
      aliases: [...command.aliases].sort(),
      // Arguments go by their place, so their order is part of the surface.
      args: Object.entries(command.args).map(([name, arg]) => ({ name, ...facts(arg, ARG_FACTS) })),
      flags: Object.fromEntries(
        sortedEntries(command.flags).map(([name, flag]) => [name, facts(flag, FLAG_FACTS)]),
      ),
    },
  ]);
  return `${JSON.stringify(Object.fromEntries(commands), null, 2)}\n`;
}

function sortedEntries(object) {
  return Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** False and empty say the same as absent, and are left out. */
function facts(definition, names) {
  return Object.fromEntries(
    names
      .map((name) => [name, definition[name]])
      .filter(
        ([, value]) =>
          value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0),
      ),
  );
}
