import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../cluster/command.js';
import { tool } from '../../helpers/tools.js';

/** The groups of tests that a registry without push can pass. */
export const GROUPS = [
  'ping',
  'empty',
  'read-only',
  'missing-manifest',
  'invalid-digest-format',
] as const;

/** What the conformance program may ask a registry for. */
export interface ReadOnlyData {
  readonly host: string;
  readonly repository: string;
  readonly tags: readonly string[];
  readonly manifests: readonly string[];
  readonly blobs: readonly string[];
  /** Digests about which the referrers API is asked. */
  readonly subjects: readonly string[];
}

/** What came of a group. */
export interface Verdict {
  readonly passed: boolean;
  /** Tests by how they ended. */
  readonly pass: number;
  readonly fail: number;
  readonly error: number;
  /** All that the program printed. */
  readonly report: string;
}

/**
 * Runs one group of the OCI distribution-spec's conformance program. Groups run one by one since
 * with push disabled the program crashes while it writes the results of all of them together.
 */
export async function runGroup(group: string, data: ReadOnlyData): Promise<Verdict> {
  const results = await mkdtemp(join(tmpdir(), 'jackal-conformance-'));
  const settings = {
    OCI_REGISTRY: data.host,
    OCI_TLS: 'disabled',
    // Under `dev` it asks read-only data for a header that it does not look at: always a failure.
    OCI_VERSION: '1.1',
    OCI_REPO1: data.repository,
    OCI_API_PUSH: 'false',
    OCI_API_BLOBS_DELETE: 'false',
    OCI_API_MANIFESTS_DELETE: 'false',
    OCI_API_TAGS_DELETE: 'false',
    OCI_RO_DATA_TAGS: data.tags.join(' '),
    OCI_RO_DATA_MANIFESTS: data.manifests.join(' '),
    OCI_RO_DATA_BLOBS: data.blobs.join(' '),
    OCI_RO_DATA_REFERRERS: data.subjects.join(' '),
    OCI_FILTER_TEST: `OCI Conformance Test/${group}`,
    OCI_RESULTS_DIR: results,
  };
  try {
    const program = await tool('conformance');
    const env = { PATH: process.env.PATH, HOME: results, ...settings };
    const { stdout } = await run(program, [], { cwd: results, env, anyStatus: true });
    return judge(stdout);
  } finally {
    await rm(results, { recursive: true, force: true });
  }
}

/** Judges by what the program prints; its exit status is 0 also when every test has failed. */
function judge(report: string): Verdict {
  const count = (status: string) =>
    Number(new RegExp(`^ +${status}\\.*: +(\\d+)$`, 'im').exec(report)?.[1] ?? Number.NaN);
  return {
    passed: /^OCI Conformance Test: Pass$/m.test(report),
    pass: count('Pass'),
    fail: count('FAIL'),
    error: count('Error'),
    report,
  };
}
