/** Writes the plain manifests of infra/kubernetes anew. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, manifests } from './support/chart.mjs';

writeFileSync(join(ROOT, 'infra/kubernetes/postern.yaml'), manifests());
