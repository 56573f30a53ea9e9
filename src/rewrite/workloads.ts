/**
 * Where the kinds of Kubernetes, and those that others have added, name images. In a path `[]` stands for each item of a
 * list, and of the lists in it, and `*` for each member of a map; its end is the text that is an image. The sources are the Go types.
 */

type Paths = readonly string[];

const below = (path: string, ends: Paths): Paths => ends.map((end) => `${path}.${end}`);

/** A PodSpec (kubernetes/api, core/v1/types.go). */
const podSpec = (path: string): Paths =>
  below(path, [
    'containers[].image',
    'initContainers[].image',
    'ephemeralContainers[].image',
    'volumes[].image.reference',
  ]);

const POD = podSpec('spec');
const TEMPLATE = podSpec('spec.template.spec');
const JOB_TEMPLATE = podSpec('spec.jobTemplate.spec.template.spec');

/** A template of Argo Workflows. */
const workflowTemplate = (path: string): Paths =>
  below(path, [
    'container.image',
    'script.image',
    'initContainers[].image',
    'sidecars[].image',
    'containerSet.containers[].image',
    'volumes[].image.reference',
  ]);

/** Templates of a workflow, and those that tasks and steps have inline, in which no other is. */
const workflow = (path: string): Paths =>
  ['templates[]', 'templateDefaults'].flatMap((template) =>
    ['', '.dag.tasks[].inline', '.steps[].inline'].flatMap((inline) =>
      workflowTemplate(`${path}.${template}${inline}`),
    ),
  );

/** A task of Tekton. */
const taskSpec = (path: string): Paths =>
  below(path, ['steps[].image', 'sidecars[].image', 'stepTemplate.image']);

const pipelineSpec = (path: string): Paths =>
  ['tasks[]', 'finally[]'].flatMap((tasks) => taskSpec(`${path}.${tasks}.taskSpec`));

/** A virtual machine of KubeVirt: its disks are containers of the Pod that runs it. */
const machine = (path: string): Paths =>
  below(path, ['volumes[].containerDisk.image', 'domain.firmware.kernelBoot.container.image']);

const rayCluster = (path: string): Paths => [
  ...['headGroupSpec', 'workerGroupSpecs[]'].flatMap((group) =>
    podSpec(`${path}.${group}.template.spec`),
  ),
  `${path}.autoscalerOptions.image`,
];

/** Group, its kinds, and the paths of their images. */
const WORKLOADS: readonly (readonly [string, Paths, Paths])[] = [
  ['', ['Pod'], POD],
  ['', ['PodTemplate'], podSpec('template.spec')],
  ['', ['ReplicationController'], TEMPLATE],
  ['apps', ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'], TEMPLATE],
  ['batch', ['Job'], TEMPLATE],
  ['batch', ['CronJob'], JOB_TEMPLATE],
  // argoproj/argo-rollouts, pkg/apis/rollouts/v1alpha1
  ['argoproj.io', ['Rollout'], TEMPLATE],
  ['argoproj.io', ['Experiment'], podSpec('spec.templates[].template.spec')],
  [
    'argoproj.io',
    ['AnalysisTemplate', 'ClusterAnalysisTemplate', 'AnalysisRun'],
    podSpec('spec.metrics[].provider.job.spec.template.spec'),
  ],
  // argoproj/argo-workflows, pkg/apis/workflow/v1alpha1/workflow_types.go
  ['argoproj.io', ['Workflow', 'WorkflowTemplate', 'ClusterWorkflowTemplate'], workflow('spec')],
  ['argoproj.io', ['CronWorkflow'], workflow('spec.workflowSpec')],
  // knative/serving, pkg/apis/serving/v1; knative/eventing, pkg/apis/sources/v1/container_types.go
  ['serving.knative.dev', ['Service', 'Configuration'], TEMPLATE],
  ['serving.knative.dev', ['Revision'], POD],
  ['sources.knative.dev', ['ContainerSource'], TEMPLATE],
  // tektoncd/pipeline, pkg/apis/pipeline/v1
  ['tekton.dev', ['Task', 'ClusterTask'], taskSpec('spec')],
  ['tekton.dev', ['TaskRun'], taskSpec('spec.taskSpec')],
  ['tekton.dev', ['StepAction'], ['spec.image']],
  ['tekton.dev', ['Pipeline'], pipelineSpec('spec')],
  ['tekton.dev', ['PipelineRun'], pipelineSpec('spec.pipelineSpec')],
  // kubevirt/kubevirt, staging/src/kubevirt.io/api/core/v1
  ['kubevirt.io', ['VirtualMachineInstance'], machine('spec')],
  [
    'kubevirt.io',
    ['VirtualMachine', 'VirtualMachineInstanceReplicaSet'],
    machine('spec.template.spec'),
  ],
  // openkruise/kruise, apis/apps/v1alpha1
  ['apps.kruise.io', ['CloneSet', 'StatefulSet', 'DaemonSet', 'BroadcastJob'], TEMPLATE],
  ['apps.kruise.io', ['SidecarSet'], POD],
  // kubernetes-sigs/jobset, api/jobset/v1alpha2; kubernetes-sigs/lws, api/leaderworkerset/v1
  ['jobset.x-k8s.io', ['JobSet'], podSpec('spec.replicatedJobs[].template.spec.template.spec')],
  [
    'leaderworkerset.x-k8s.io',
    ['LeaderWorkerSet'],
    ['leaderTemplate', 'workerTemplate'].flatMap((template) =>
      podSpec(`spec.leaderWorkerTemplate.${template}.spec`),
    ),
  ],
  // kedacore/keda, apis/keda/v1alpha1/scaledjob_types.go; openshift/api, apps/v1; volcano-sh/apis, pkg/apis/batch
  ['keda.sh', ['ScaledJob'], podSpec('spec.jobTargetRef.template.spec')],
  ['apps.openshift.io', ['DeploymentConfig'], TEMPLATE],
  ['batch.volcano.sh', ['Job'], podSpec('spec.tasks[].template.spec')],
  // ray-project/kuberay, ray-operator/apis/ray/v1; kubeflow/training-operator, pkg/apis/kubeflow.org/v1
  ['ray.io', ['RayCluster'], rayCluster('spec')],
  [
    'ray.io',
    ['RayJob'],
    [...rayCluster('spec.rayClusterSpec'), ...podSpec('spec.submitterPodTemplate.spec')],
  ],
  ['ray.io', ['RayService'], rayCluster('spec.rayClusterConfig')],
  ['kubeflow.org', ['PyTorchJob'], podSpec('spec.pytorchReplicaSpecs.*.template.spec')],
  ['kubeflow.org', ['TFJob'], podSpec('spec.tfReplicaSpecs.*.template.spec')],
  ['kubeflow.org', ['MPIJob'], podSpec('spec.mpiReplicaSpecs.*.template.spec')],
  ['kubeflow.org', ['XGBoostJob'], podSpec('spec.xgbReplicaSpecs.*.template.spec')],
  // googleforgames/agones, pkg/apis/agones/v1
  ['agones.dev', ['GameServer'], TEMPLATE],
  ['agones.dev', ['Fleet', 'GameServerSet'], podSpec('spec.template.spec.template.spec')],
  // prometheus-operator/prometheus-operator, pkg/apis/monitoring
  [
    'monitoring.coreos.com',
    ['Prometheus', 'PrometheusAgent', 'Alertmanager', 'ThanosRuler'],
    ['spec.image', 'spec.thanos.image', ...POD],
  ],
];

const BY_KIND: ReadonlyMap<string, Paths> = new Map(
  WORKLOADS.flatMap(([group, kinds, paths]) => kinds.map((kind) => [`${group}/${kind}`, paths])),
);

/** The paths of the images in an object of this kind, in whatever version of its API; none for kinds that have none. */
export function imagePathsOf(apiVersion: string, kind: string): readonly string[] {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return BY_KIND.get(`${group}/${kind}`) ?? [];
}

/** The key beside an image, in the same map, that says when it is pulled. */
export function pullPolicyBeside(path: string): string {
  return path.endsWith('.reference') ? 'pullPolicy' : 'imagePullPolicy';
}
