/**
 * The calls of dbtool in a piece of shell, each as its words without `dbtool` itself. Pipes, redirections
 * and `$(…)` around a call are left out, comments too.
 */
export function dbtoolCalls(shell: string): string[][] {
  return shell
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/^(\$ )?/, '').replace(/(^|\s)#.*$/, ''))
    .flatMap((line) => [...line.matchAll(/(?<![\w./-])dbtool(?= |$)([^|<>();&]*)/g)])
    .map(([, words = '']) => [...words.matchAll(/'([^']*)'|"([^"]*)"|[^\s'"]+/g)])
    .map((words) => words.map(([word, single, double]) => single ?? double ?? word));
}
