import { down } from '../cluster/cluster.js';
import { whyNoSite } from '../helpers/site.js';

/** Takes down what the set-up brought up. */
export default async function teardown(): Promise<void> {
  const { jackalDocker } = globalThis as { jackalDocker?: { close(): Promise<void> } };
  await jackalDocker?.close();
  if (whyNoSite() === undefined && process.env.JACKAL_TEST_CLUSTER === undefined) {
    await down('e2e');
  }
}
