/*
 * The environment of the Rust toolchain: an allow-list, since cargo runs build scripts of crates that
 * are not ours, and the step's own environment holds the kubeconfig and the tokens of the runner.
 */

/** What rustc, cargo and rustup may know, by name. */
const ALLOWED = [
  // Where they are, and what is theirs.
  /^(PATH|LD_LIBRARY_PATH|HOME|TMPDIR|CARGO_HOME)$/,
  /^RUSTUP_(HOME|TOOLCHAIN|AUTO_INSTALL|DIST_SERVER|UPDATE_ROOT)$/,
  /^RUSTUP_(USE_CURL|USE_RUSTLS|MAX_RETRIES|DOWNLOAD_TIMEOUT|IO_THREADS|UNPACK_RAM)$/,
  /^(LANG|LANGUAGE|LC_[A-Z]+)$/,
  // How the network is reached, and which registry is in the place of crates.io.
  /^((HTTP|HTTPS|ALL|NO)_PROXY|(http|https|all|no)_proxy)$/,
  /^SSL_CERT_(FILE|DIR)$/,
  /^CARGO_(HTTP|NET)_[A-Z_]+$/,
  /^CARGO_REGISTRIES_[A-Z0-9_]+_(INDEX|PROTOCOL)$/,
  // By this the runner finds, when the job is over, what a cancelled step has left running.
  /^RUNNER_TRACKING_ID$/,
];

/**
 * The credentials of a private mirror, which cargo needs for downloads alone. CARGO_REGISTRY_TOKEN is
 * not among them: it publishes crates.
 */
const CREDENTIALS = [
  /^CARGO_REGISTRIES_[A-Z0-9_]+_(TOKEN|SECRET_KEY|CREDENTIAL_PROVIDER)$/,
  /^CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS$/,
];

/** The part of an environment that the toolchain may know, build scripts included. */
export function toolEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  return matching(environment, ALLOWED);
}

/** The part of an environment that a download from a private registry may need on top. */
export function registryCredentials(environment: NodeJS.ProcessEnv): Record<string, string> {
  return matching(environment, CREDENTIALS);
}

function matching(
  environment: NodeJS.ProcessEnv,
  patterns: readonly RegExp[],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && patterns.some((pattern) => pattern.test(entry[0])),
    ),
  );
}
