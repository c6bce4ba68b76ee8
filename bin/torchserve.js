#!/usr/bin/env node
'use strict';
const { loadProgram } = require('./load-program.js');

loadProgram('cli/torchserve.js')
  .then(({ mainAsTorchserve }) => mainAsTorchserve(process.argv.slice(2)))
  .then((code) => {
    process.exitCode = code;
  });
