#!/usr/bin/env node
import { mainAsTorchserve } from '../dist/cli/torchserve.js';

process.exitCode = await mainAsTorchserve(process.argv.slice(2));
