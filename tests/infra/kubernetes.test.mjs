/** The chart and the plain manifests: the same objects, hardened, and true of the binary. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { isRoute, understands, variables } from './support/binary.mjs';
import { chartObjects, manifests, objectsIn, read } from './support/chart.mjs';

const EVERYTHING = {
  imagePullSecrets: [{ name: 'pull' }],
  image: { tag: '1.2.3-RC.1' },
  serve: { autoscaling: { enabled: false } },
  worker: { autoscaling: { enabled: false } },
  ingress: { enabled: true, className: 'nginx', tlsSecret: 'certificate', annotations: { 'a.example/b': '1' } },
  networkPolicy: { from: [{ podSelector: {} }], databaseTo: [{ ipBlock: { cidr: '192.0.2.0/24' } }] },
  extraVolumes: [{ name: 'places', persistentVolumeClaim: { claimName: 'places', readOnly: true } }],
  extraVolumeMounts: [{ name: 'places', mountPath: '/places', readOnly: true }],
  podAnnotations: { a: 'b' },
  service: { annotations: { a: 'b' } },
  nodeSelector: { pool: 'web' },
  tolerations: [{ operator: 'Exists' }],
};
const WAYS = { plain: objectsIn(manifests()), defaults: chartObjects(), everything: chartObjects(EVERYTHING) };
const chart = parse(read('infra/helm/postern/Chart.yaml'));

const podOf = (object) => object.spec?.template?.spec;
const workloads = (objects) => objects.filter((object) => podOf(object));
const named = (objects, kind, name) => objects.find((object) => object.kind === kind && object.metadata.name === name);
/** Policies of all that runs; whatever else selects pods selects one of ours. */
const OF_ALL = ['postern', 'postern-metrics'];
const each = (check) => {
  for (const [way, objects] of Object.entries(WAYS)) check(objects, way);
};

test('the plain manifests are what the chart renders', () => {
  assert.equal(read('infra/kubernetes/postern.yaml'), manifests(), 'run `npm --prefix tests/infra run render`');
});

test('nothing is there twice, and everything has a kind, a version and a name', () => {
  each((objects) => {
    const names = objects.map((object) => `${object.apiVersion} ${object.kind} ${object.metadata.name}`);
    assert.equal(new Set(names).size, names.length, names.join('\n'));
    for (const object of objects) assert.match(object.metadata.name, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  });
});

test('what an installation is made of is there, with a budget and a scale for all that runs', () => {
  for (const objects of [WAYS.plain, WAYS.defaults]) {
    const kinds = objects.map((object) => object.kind).sort();
    assert.deepEqual(kinds, [
      'ConfigMap', 'Deployment', 'Deployment', 'HorizontalPodAutoscaler', 'HorizontalPodAutoscaler', 'Job', 'NetworkPolicy',
      'NetworkPolicy', 'NetworkPolicy', 'PodDisruptionBudget', 'PodDisruptionBudget', 'Service',
    ]);
    for (const name of ['postern-serve', 'postern-worker']) {
      assert.equal(named(objects, 'HorizontalPodAutoscaler', name).spec.scaleTargetRef.name, name);
      assert.equal(named(objects, 'Deployment', name).spec.replicas, undefined, 'a scaled one has no number of its own');
    }
  }
  assert.equal(named(WAYS.everything, 'Deployment', 'postern-serve').spec.replicas, 3);
  assert.equal(named(WAYS.everything, 'Ingress', 'postern').spec.tls[0].secretName, 'certificate');
});

test('whatever selects pods selects some of ours', () => {
  each((objects) => {
    const pods = workloads(objects).map((object) => object.spec.template.metadata.labels);
    const matches = (selector) => pods.filter((labels) => Object.entries(selector).every(([name, value]) => labels[name] === value));
    for (const { kind, metadata, spec } of objects) {
      const selector = kind === 'Service' ? spec.selector : (spec?.selector ?? spec?.podSelector)?.matchLabels;
      if (selector) assert.equal(matches(selector).length, kind === 'NetworkPolicy' && OF_ALL.includes(metadata.name) ? 3 : 1, `${kind} ${metadata.name}`);
    }
  });
});

test('every pod runs as nobody in particular, writes nowhere and asks the cluster for nothing', () => {
  each((objects) => {
    for (const pod of workloads(objects).map(podOf)) {
      assert.equal(pod.automountServiceAccountToken, false);
      assert.equal(pod.securityContext.runAsNonRoot, true);
      assert.equal(pod.securityContext.seccompProfile.type, 'RuntimeDefault');
      for (const { securityContext, resources, volumeMounts } of pod.containers) {
        assert.deepEqual(securityContext, { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
        assert.ok(resources.requests.cpu && resources.requests.memory && resources.limits.memory);
        for (const { name, readOnly } of volumeMounts) assert.ok(readOnly && pod.volumes.some((volume) => volume.name === name), name);
      }
    }
  });
});

test('each container is told to do what the binary can, by settings that there are', () => {
  const settings = variables();
  each((objects) => {
    for (const { args, image } of workloads(objects).flatMap((object) => podOf(object).containers)) {
      assert.ok(understands(args), args.join(' '));
      assert.doesNotMatch(image, /:(latest)?$/);
    }
    for (const name of Object.keys(named(objects, 'ConfigMap', 'postern-settings').data)) assert.ok(settings.has(name), name);
  });
});

test('the secret settings stand in secrets, and only the migration sees the owner', () => {
  each((objects) => {
    for (const name of Object.keys(named(objects, 'ConfigMap', 'postern-settings').data)) {
      assert.doesNotMatch(name, /DATABASE_URL|SECRET|TOKEN|SMTP__URL/);
    }
    for (const object of workloads(objects)) {
      const secrets = podOf(object).containers[0].envFrom.flatMap(({ secretRef }) => secretRef?.name ?? []);
      assert.deepEqual(secrets, [object.kind === 'Job' ? 'postern-migration' : 'postern-serving']);
    }
  });
});

test('probes ask for pages that the gateway has, on the port on which it listens', () => {
  each((objects) => {
    const serve = podOf(named(objects, 'Deployment', 'postern-serve')).containers[0];
    const [port] = serve.ports;
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      assert.ok(isRoute(serve[probe].httpGet.path), serve[probe].httpGet.path);
      assert.equal(serve[probe].httpGet.port, port.name);
    }
    assert.equal(serve.livenessProbe.httpGet.path, '/healthz', 'a database that is away is no reason to be killed');
    assert.equal(serve.readinessProbe.httpGet.path, '/readyz');
    const { POSTERN_LISTEN } = named(objects, 'ConfigMap', 'postern-settings').data;
    assert.equal(POSTERN_LISTEN, `0.0.0.0:${port.containerPort}`);
    assert.equal(named(objects, 'Service', 'postern').spec.ports[0].targetPort, port.name);
    assert.equal(named(objects, 'NetworkPolicy', 'postern-serve').spec.ingress[0].ports[0].port, port.name);
  });
});

test('a pod has longer to end than the process takes, and the gateway is left first', () => {
  const hardStop = Number(/HARD_STOP: Duration = Duration::from_secs\((\d+)\)/.exec(read('services/app/src/shutdown.rs'))[1]);
  each((objects) => {
    const serve = podOf(named(objects, 'Deployment', 'postern-serve'));
    const seconds = Number(named(objects, 'ConfigMap', 'postern-settings').data.POSTERN_SHUTDOWN__DRAIN_SECONDS);
    const { periodSeconds, failureThreshold } = serve.containers[0].readinessProbe;
    assert.ok(seconds >= periodSeconds * failureThreshold);
    assert.ok(serve.terminationGracePeriodSeconds > hardStop && seconds <= 15, 'it drains within that time');
    assert.ok(podOf(named(objects, 'Deployment', 'postern-worker')).terminationGracePeriodSeconds >= hardStop);
  });
});

test('the migration is a hook for Helm alone, and other versions are other jobs', () => {
  const job = (objects) => objects.find(({ kind }) => kind === 'Job').metadata;
  assert.equal(job(WAYS.plain).annotations, undefined);
  assert.match(job(WAYS.defaults).annotations['helm.sh/hook'], /pre-install,pre-upgrade/);
  assert.equal(job(WAYS.plain).name, `postern-migrate-${chart.appVersion.replaceAll('.', '-')}`);
  assert.equal(job(WAYS.everything).name, 'postern-migrate-1-2-3-rc-1');
});

test('other settings are other pods', () => {
  const sum = (objects) => named(objects, 'Deployment', 'postern-serve').spec.template.metadata.annotations['checksum/settings'];
  assert.equal(sum(WAYS.defaults), sum(WAYS.everything));
  assert.notEqual(sum(WAYS.defaults), sum(chartObjects({ settings: { POSTERN_LOG__FILTER: 'debug' } })));
});

test('the chart is of the version that is built', () => {
  assert.equal(chart.appVersion, /^version = "(.+)"/m.exec(read('Cargo.toml'))[1]);
});
