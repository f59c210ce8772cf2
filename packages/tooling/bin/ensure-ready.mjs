#!/usr/bin/env node
import { ensureReady } from '../src/ready/ensure-ready.mjs';

process.exitCode = (await ensureReady()) ? 0 : 1;
