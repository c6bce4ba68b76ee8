import fc from 'fast-check';
import { ask } from '../../.build/test/core/serving/http/test-server.js';
import { arbitraryCalls, judgeAnswer, renderCall } from '../../.build/test/support/api-fuzz.js';
import { addLoop, call, createSite, isGone, predict, serve } from './lib-server.mjs';

const CALLS = 10_000;
/** The names that the generator asks for; `brain` lies in the store and is not loaded. */
const LOADED = ['noop', 'other'];

export default {
  number: 15,
  title: 'whatever is asked of a real server, it answers as its own description says',
  async run() {
    const site = createSite();
    try {
      for (const name of [...LOADED, 'brain']) await addLoop(site, name, 1n);
      const lines = ['enable_model_api=true', 'load_models=noop.mar,other.mar'];
      const { url, port, pid, stop } = await serve(site, { lines });
      const { json: description } = await ask({ port, path: '/api-description' });
      const statuses = {};
      const wrong = [];
      let calls = 0;
      // What was asked away comes back, so that calls keep meeting models.
      const restore = async () => {
        for (const name of LOADED) {
          const path = `${url}/models?url=${name}.mar&initial_workers=1&synchronous=true`;
          if ((await call(`${url}/models/${name}`)).status === 404) await call(path, { method: 'POST' });
          else await call(`${url}/models/${name}?min_worker=1&max_worker=1`, { method: 'PUT' });
        }
      };
      const seed = Math.floor(Date.now() / 86_400_000);
      const samples = fc.sample(arbitraryCalls(description), { numRuns: CALLS, seed });
      for (const { call: made, operation, method } of samples) {
        if (calls++ % 200 === 0) await restore();
        const rendered = renderCall(made);
        try {
          const answer = await ask({ port, ...rendered });
          statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
          const problems = judgeAnswer(answer, made, operation, method, description);
          if (problems.length > 0) wrong.push(`${rendered.method} ${rendered.path}: ${problems[0]}`);
        } catch (error) {
          wrong.push(`${rendered.method} ${rendered.path}: no answer: ${error.message}`);
        }
      }
      await restore();
      const alive = !isGone(pid) && (await predict(url, 'noop')).status === 200;
      const code = await stop();
      const passed = wrong.length === 0 && alive && code === 0 && calls === CALLS;
      return { passed, calls, seed, statuses, faults: wrong.length, wrong: wrong.slice(0, 5) };
    } finally {
      site.remove();
    }
  },
};
