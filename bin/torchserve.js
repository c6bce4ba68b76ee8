#!/usr/bin/env node
'use strict';

import('../dist/cli/torchserve.js')
  .then(({ mainAsTorchserve }) => mainAsTorchserve(process.argv.slice(2)))
  .then((code) => {
    process.exitCode = code;
  });
