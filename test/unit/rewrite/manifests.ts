/** One document of each kind of path; behind each image stands whether it is one that is rewritten. */
export const WORKLOADS = `
apiVersion: v1
kind: Pod
spec:
  initContainers:
    - { name: a, image: nginx:1.29 } # in
  containers:
    - name: b
      image: nginx:1.29 # in
    - name: c
      image: nginx:1.28 # out
  ephemeralContainers:
    - name: d
      image: nginx:1.29 # in
  volumes:
    - name: e
      image:
        reference: nginx:1.29 # in
        pullPolicy: Never
---
apiVersion: v1
kind: PodTemplate
template: { spec: { containers: [{ image: nginx:1.29 }] } } # in
---
apiVersion: apps/v1
kind: StatefulSet
spec: { template: { spec: { containers: [{ image: nginx:1.29 }] } } } # in
---
apiVersion: batch/v1
kind: CronJob
spec: { jobTemplate: { spec: { template: { spec: { containers: [{ image: nginx:1.29 }] } } } } } # in
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
spec: { template: { spec: { containers: [{ image: nginx:1.29 }] } } } # in
---
apiVersion: argoproj.io/v1alpha1
kind: CronWorkflow
spec:
  workflowSpec:
    templates:
      - name: a
        script:
          image: nginx:1.29 # in
          source: echo nginx:1.29
      - name: b
        containerSet:
          containers:
            - image: nginx:1.29 # in
---
apiVersion: serving.knative.dev/v1
kind: Service
spec: { template: { spec: { containers: [{ image: nginx:1.29 }] } } } # in
---
apiVersion: tekton.dev/v1
kind: PipelineRun
spec:
  pipelineSpec:
    finally:
      - name: a
        taskSpec:
          stepTemplate:
            image: nginx:1.29 # in
          steps:
            - image: nginx:1.29 # in
---
apiVersion: kubevirt.io/v1
kind: VirtualMachine
spec:
  template:
    spec:
      volumes:
        - name: disk
          containerDisk:
            image: nginx:1.29 # in
            imagePullPolicy: Never
---
apiVersion: jobset.x-k8s.io/v1alpha2
kind: JobSet
spec:
  replicatedJobs:
    - name: a
      template: { spec: { template: { spec: { containers: [{ image: nginx:1.29 }] } } } } # in
---
apiVersion: kubeflow.org/v1
kind: PyTorchJob
spec:
  pytorchReplicaSpecs:
    Master: { template: { spec: { containers: [{ image: nginx:1.29 }] } } } # in
    Worker: { template: { spec: { containers: [{ image: nginx:1.29 }] } } } # in
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
spec:
  image: nginx:1.29 # in
  containers: []
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: PodList
    items:
      - apiVersion: v1
        kind: Pod
        spec: { containers: [{ image: nginx:1.29 }] } # in
  - apiVersion: v1
    kind: Service
    spec: { type: ClusterIP }
---
# What only looks like a workload.
apiVersion: v1
kind: ConfigMap
spec: { containers: [{ image: nginx:1.29 }] } # out
data:
  pod.yaml: |
    kind: Pod
    spec: { containers: [{ image: nginx:1.29 }] }
---
apiVersion: example.com/v1
kind: Deployment
spec: { template: { spec: { containers: [{ image: nginx:1.29 }] } } } # out
`;
