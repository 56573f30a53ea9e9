import { availableParallelism, totalmem } from 'node:os';
import { canHost } from '../cluster/cluster.js';
import { cargoTarget } from '../helpers/injector/cargo-target.js';
import { prepareInjectorTests } from '../helpers/injector/rust-targets.js';
import { REPOSITORY } from '../helpers/runner.js';
import { type ToolName, tool } from '../helpers/tools.js';
import { added, type Outcome, readCargo, readJest } from './outcome.js';
import { run, type Suite } from './suite.js';
import { Turns } from './turns.js';

/**
 * Go programs, such as API servers and kubelets, collect their garbage less often: that is a sixth of an API server's work while
 * tests go on. Up to 2 GiB each, from where on they do so as often as they have to.
 */
const LAZY_COLLECTION = { GOGC: '400', GOMEMLIMIT: '2GiB' };

const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];

function jest(project: string, workers: number, ...options: string[]): Suite {
  const runner = `${REPOSITORY}/node_modules/jest/bin/jest.js`;
  const chosen = ['--selectProjects', project, ...options, `--maxWorkers=${workers}`];
  return {
    name: project,
    command: [process.execPath, ...JEST, runner, ...chosen],
    directory: REPOSITORY,
    environment: LAZY_COLLECTION,
    read: readJest,
  };
}

const INJECTOR: Suite = {
  name: 'injector',
  command: ['cargo', 'test', '--locked', '--release', '--no-fail-fast'],
  directory: `${REPOSITORY}/injector`,
  environment: {
    // Most of its tests wait for most of their time: 34 s of processor time took 86 s with one for each core, and 45 s so.
    RUST_TEST_THREADS: `${2 * availableParallelism()}`,
    CARGO_TARGET_DIR: cargoTarget('tests'),
  },
  read: readCargo,
  prepare: prepareInjectorTests,
};

/** Processors that a suite takes which runs beside another one. */
const MOST = Math.max(1, availableParallelism() - 1);

const UNIT = jest('unit', MOST);
const INTEGRATION = jest('integration', MOST);
const E2E = jest('e2e', clustersAtOnce(), '--verbose');

/** Suites in the order in which they are told of. */
const SUITES: readonly Suite[] = [UNIT, INJECTOR, INTEGRATION, E2E];

/**
 * Lanes side by side, the suites of each one after the other. The longest begins at once: there is a quarter of the processors
 * idle in the first minutes without it, and nothing later, when these are what everything waits for.
 */
const LANES: readonly (readonly Suite[])[] = [[UNIT, INTEGRATION], [INJECTOR], [E2E]];

/**
 * Clusters on which end-to-end tests go on at once, one test file on each: as many as there are processors. Measured on
 * two: 955 s with two, 998 s with three. A cluster through which 500 MB go has up to 8 GB of memory.
 */
function clustersAtOnce(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / 8e9)));
}

/**
 * Programs that tests ask for in the end, one after the other. The first time they take minutes to come from the network,
 * in which a machine has nothing to do: measured, the last suite took 415 s, of which it waited 337.
 */
const ASKED_FOR_LATE: readonly ToolName[] = ['act', 'kustomize', 'helm3', 'helm4'];

/** Gets them while tests go on. A test that does not find one gets it itself, and says why it cannot. */
async function getTools(): Promise<void> {
  for (const name of ASKED_FOR_LATE) await tool(name).catch(() => undefined);
}

const start = performance.now();
const wanted = process.argv.slice(2);
if (wanted.length === 0) getTools();
const turns = new Turns((data) => process.stdout.write(data));
const isWanted = ({ name }: Suite) => wanted.length === 0 || wanted.includes(name);
const speakers = new Map(SUITES.filter(isWanted).map((suite) => [suite, turns.speaker()]));
const outcomes: Outcome[] = [];
const go = async (lane: readonly Suite[]) => {
  for (const suite of lane) {
    const speaker = speakers.get(suite);
    if (speaker === undefined) continue;
    outcomes.push(await run(suite, speaker.say).finally(speaker.end));
  }
};
await Promise.all(LANES.map(go));
const { passed, failed, skipped, red } = added(outcomes);
const host = await canHost();
if (!host.can) console.log(`\n!!! No end-to-end test has run here: ${host.reason}`);
console.log(`\nAll suites took ${((performance.now() - start) / 1000).toFixed(0)} s.`);
for (const name of red) console.log(`red: ${name}`);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
