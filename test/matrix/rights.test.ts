import { afterAll, afterEach, beforeAll, test } from '@jest/globals';
import { LACKING_ONE, RELEASES_GIVEN, Users, wordsOf } from '../e2e/kit/users.js';
import { onVariant } from './on-variant.js';

/*
 * Users who lack one right each: what the action can do without, it does without. And releases of users who lack all.
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

  test.each(RELEASES_GIVEN.map((user) => [user.name, user] as const))(
    'a release of %s',
    async (_, user) => {
      await users.release(user);
    },
  );
});
