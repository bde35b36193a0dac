/* What `oracledb` is in the tests: the driver itself, taught to speak to the stand-in. */
/* eslint-disable @typescript-eslint/no-require-imports -- it is bundled as CommonJS, which jest maps `oracledb` to */
import { patchDriver } from './patch.js';

patchDriver((path) => require(`oracledb/lib/${path}`) as unknown);
module.exports = require('oracledb/lib/oracledb.js') as unknown;
