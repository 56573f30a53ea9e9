import { MIB } from './units.js';

/** Limits of the policy that rewrites image names: value, unit in the name, and where it comes from. */

/**
 * Characters of one CEL expression: what cel-go's parser takes by default (parser.go, `expressionSizeCodePointLimit`), and
 * Kubernetes leaves it at that. A larger map of names is written in several expressions.
 */
export const EXPRESSION_MAX_CHARACTERS = 100_000;

/**
 * Bytes of the policy as JSON: ours to choose, below the 1.5 MiB that etcd takes (`DefaultMaxRequestBytes`). Computed: 500
 * images whose names have 46 characters, each by its tag and its digest, take 184 kB, so there is room for 2,900.
 */
export const POLICY_MAX_BYTES = MIB;

/**
 * Seconds until a policy counts as one that does nothing: thirty times the second within which an API server looks
 * for policies (apiserver policy_source.go, `policyRefreshIntervalDefault`).
 */
export const POLICY_ACTS_SECONDS = 30;

/**
 * Pods that are tried at once to see that every API server behind an address has the policy: with three servers, each
 * connection given to any of them, one is missed in 200 cases.
 */
export const POLICY_TRIALS = 16;

/**
 * Milliseconds between two Pods that are tried: ours to choose. The policy acts within a second, and a dry run takes the
 * API server some milliseconds; pauses that double overslept it by up to 0.6 s.
 */
export const POLICY_TRIAL_PAUSE_MILLISECONDS = 50;

/** Times that a policy is written once more because another writer came between: ours to choose. */
export const POLICY_CONFLICTS_MAX = 3;

/**
 * Seconds that a policy goes on after the run's Pods have ended: ours to choose, for the clocks of several API servers may
 * be apart.
 */
export const POLICY_SPARE_SECONDS = 600;

/** Names of images that one sentence names; of more it says how many: ours to choose. */
export const NAMES_TOLD_MAX = 5;
