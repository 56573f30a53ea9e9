/**
 * What tells service meshes and other injectors to leave a Pod alone: the run's Pods need nothing of
 * them, and a sidecar would keep a registry from being ready or change an image. Istio and Datadog look
 * at labels, Istio's older versions and the others at annotations; Kuma at either.
 */
export const NO_SIDECAR_LABELS = {
  'sidecar.istio.io/inject': 'false',
  'istio.io/dataplane-mode': 'none',
  'kuma.io/sidecar-injection': 'disabled',
  'zarf.dev/agent': 'ignore',
  'admission.datadoghq.com/enabled': 'false',
} as const;

/** See `NO_SIDECAR_LABELS`. */
export const NO_SIDECAR_ANNOTATIONS = {
  'sidecar.istio.io/inject': 'false',
  'linkerd.io/inject': 'disabled',
  'kuma.io/sidecar-injection': 'disabled',
  'consul.hashicorp.com/connect-inject': 'false',
  'vault.hashicorp.com/agent-inject': 'false',
  'dynatrace.com/inject': 'false',
  'oneagent.dynatrace.com/inject': 'false',
  'sidecar.opentelemetry.io/inject': 'false',
} as const;

/** The same for a whole namespace. */
export const NO_SIDECAR_NAMESPACE_LABELS = {
  'istio-injection': 'disabled',
  'istio.io/dataplane-mode': 'none',
  'kuma.io/sidecar-injection': 'disabled',
  'zarf.dev/agent': 'ignore',
} as const;

/** The same for a whole namespace. */
export const NO_SIDECAR_NAMESPACE_ANNOTATIONS = {
  'linkerd.io/inject': 'disabled',
  'kuma.io/sidecar-injection': 'disabled',
} as const;
