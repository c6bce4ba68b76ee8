import path from 'node:path';
import type { LogConfig } from '../../config/server-config.js';
import type { AccessRecord } from '../../http/access-record.js';
import { createSeldom } from '../seldom.js';
import { openLogFile } from './log-file.js';
import { JSON_FORM, type ServerMessage, TEXT_FORM, type WorkerLine } from './log-lines.js';

/** The logs of one server, in the files where the peer has them. */
export interface ServerLogs {
  access(record: AccessRecord): void;
  server(message: ServerMessage): void;
  worker(line: WorkerLine): void;
  /** A line `Name.Unit:value|#dimensions|#hostname:…` about the machine. */
  hostMetric(line: string): void;
  /** The same about a model. */
  modelMetric(line: string): void;
  close(): Promise<void>;
}

/** How often the same trouble is told. */
const REPEAT_MS = 60_000;

/**
 * Opens access_log.log, ts_log.log, model_log.log, ts_metrics.log and model_metrics.log.
 * @param echo gets each server message as it is written, for a console
 */
export function openServerLogs(config: LogConfig, echo?: (line: string) => void): ServerLogs {
  const form = config.form === 'json' ? JSON_FORM : TEXT_FORM;
  const maySay = createSeldom(REPEAT_MS, () => performance.now());
  // Into the log that cannot be written it cannot go.
  const onFault = (folder: string, error: NodeJS.ErrnoException): void => {
    if (!maySay()) return;
    const reason = error.code === 'ENOSPC' ? 'the disk is full' : error.message;
    const message = `the logs in ${folder} cannot be written (${reason}): lines are dropped until they can; serving goes on`;
    echo?.(form.server({ level: 'ERROR', message }, new Date()));
  };
  const open = (folder: string, name: string) =>
    openLogFile(path.join(folder, name), { ...config, onFault: (error) => onFault(folder, error) });
  const files = {
    access: open(config.folder, 'access_log.log'),
    server: open(config.folder, 'ts_log.log'),
    model: open(config.folder, 'model_log.log'),
    hostMetrics: open(config.metricsFolder, 'ts_metrics.log'),
    modelMetrics: open(config.metricsFolder, 'model_metrics.log'),
  };
  return {
    access: (record) => files.access.write(form.access(record, new Date())),
    server(message) {
      const line = form.server(message, new Date());
      files.server.write(line);
      echo?.(line);
    },
    worker: (line) => files.model.write(form.worker(line, new Date())),
    hostMetric: (line) => files.hostMetrics.write(form.metric(line, new Date())),
    modelMetric: (line) => files.modelMetrics.write(form.metric(line, new Date())),
    async close() {
      await Promise.all(Object.values(files).map((file) => file.close()));
    },
  };
}
