import type { Connection } from '../../../../src/kube/connect.js';

/** Who the API server takes the connection's user for. */
export async function whoAmI({ client }: Connection): Promise<string> {
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const review = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
    metadata: {},
  };
  const answer = await client.create<{
    status?: { userInfo: { username: string } };
    metadata: object;
  }>(path, review);
  return answer.status?.userInfo.username ?? '';
}
