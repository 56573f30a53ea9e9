/** How the demo speaks: short lines that a newcomer can follow. */
export const say = {
  title: (text: string) => console.log(`\n== ${text}`),
  line: (text: string) => console.log(`   ${text}`),
  detail: (text: string) => console.log(`   … ${text}`),

  /** Announces a step, runs it, and tells how long it took. */
  async step<T>(title: string, body: () => Promise<T>): Promise<T> {
    say.title(title);
    const start = performance.now();
    const result = await body();
    say.line(`done in ${((performance.now() - start) / 1000).toFixed(1)} s`);
    return result;
  },

  /** The action's log without the runner's commands. */
  log(text: string): void {
    for (const line of text.split('\n')) {
      if (line !== '' && !line.startsWith('::')) say.line(line);
    }
  },

  /** The rows of the stage table in a job summary, in columns. */
  table(summary: string): void {
    const stages = summary.slice(summary.indexOf('| stage |')).trim().split('\n');
    const rows = stages
      .filter((line) => !line.startsWith('|---'))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    for (const [stage = '', time = '', bytes = ''] of rows) {
      say.line(`${stage.padEnd(24)}${time.padStart(10)}${bytes.padStart(12)}`);
    }
  },
};
