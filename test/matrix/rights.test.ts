import { afterAll, afterEach, beforeAll, test } from '@jest/globals';
import { LACKING_ONE, Users, wordsOf } from '../e2e/kit/users.js';
import { onVariant } from './on-variant.js';

/*
 * Users who lack one right each: what the action can do without, it does without.
 */

await onVariant('iptables', (on) => {
  let users: Users;

  beforeAll(async () => {
    users = await Users.create(on().cluster);
  });

  afterEach(async () => {
    await users.runner.endLeft();
  });

  afterAll(() => users.close());

  test.each(LACKING_ONE.map((one) => [wordsOf(one.lacking), one] as const))(
    'green without the right to %s',
    async (_, { lacking, user }) => {
      await users.job(user, users.inputsFor(lacking));
    },
  );
});
