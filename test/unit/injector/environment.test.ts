import { expect, test } from '@jest/globals';
import { registryCredentials, toolEnvironment } from '../../../src/injector/environment.js';

const KEPT = {
  PATH: '/bin',
  HOME: '/home/runner',
  TMPDIR: '/temp',
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  CARGO_HOME: '/cargo',
  RUSTUP_HOME: '/rustup',
  RUSTUP_TOOLCHAIN: 'stable',
  RUSTUP_DIST_SERVER: 'https://mirror.test',
  HTTPS_PROXY: 'http://proxy.test',
  no_proxy: 'mirror.test',
  SSL_CERT_FILE: '/ca.pem',
  CARGO_HTTP_CAINFO: '/ca.pem',
  CARGO_NET_GIT_FETCH_WITH_CLI: 'true',
  CARGO_REGISTRIES_MIRROR_INDEX: 'sparse+https://mirror.test/',
  RUNNER_TRACKING_ID: 'github_1',
};

const CREDENTIALS = {
  CARGO_REGISTRIES_MIRROR_TOKEN: 'secret',
  CARGO_REGISTRIES_MIRROR_CREDENTIAL_PROVIDER: 'cargo:token',
  CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS: 'cargo:token',
};

const FOREIGN = {
  INPUT_KUBECONFIG: 'secret',
  STATE_cleanup: '{}',
  KUBECONFIG: '/kubeconfig',
  GITHUB_TOKEN: 'secret',
  GITHUB_ENV: '/env',
  GITHUB_OUTPUT: '/output',
  GH_TOKEN: 'secret',
  ACTIONS_RUNTIME_TOKEN: 'secret',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'secret',
  ACTIONS_RESULTS_URL: 'https://results.test',
  AWS_SECRET_ACCESS_KEY: 'secret',
  NODE_OPTIONS: '--require x',
  CARGO_REGISTRY_TOKEN: 'secret',
  CARGO_REGISTRY_CREDENTIAL_PROVIDER: 'cargo:token',
  RUSTUP_AUTHORIZATION_HEADER: 'secret',
  // Flags for the user's own crates, such as of this CPU alone, could give a binary that no node runs.
  RUSTFLAGS: '-C target-cpu=native',
  RUSTC: '/other/rustc',
  RUSTC_WRAPPER: 'sccache',
  CARGO_ENCODED_RUSTFLAGS: 'x',
  CARGO_BUILD_TARGET: 'x',
  CARGO_TARGET_DIR: '/target',
  CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER: 'musl-gcc',
  CARGO_PROFILE_RELEASE_LTO: 'off',
};

test('the toolchain knows of its own and of the network, and of nothing else', () => {
  const environment = { ...KEPT, ...CREDENTIALS, ...FOREIGN, LC_TIME: undefined };
  expect(toolEnvironment(environment)).toEqual(KEPT);
  expect(registryCredentials(environment)).toEqual(CREDENTIALS);
});
