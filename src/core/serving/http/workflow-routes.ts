import { EisenError } from '../../errors/error.js';
import type { Exchange, Route } from './exchange.js';
import { readParameters } from './parameters.js';
import { refuseMethod } from './refusals.js';
import { jsonReply, type Reply } from './reply.js';

function notFound(message: string): EisenError {
  return new EisenError('WORKFLOW_NOT_FOUND', message, { hint: 'This server runs models; it knows no workflows.' });
}

/** `/workflows`: an empty list, and no registration that could succeed. */
async function answerCollection(exchange: Exchange): Promise<Reply> {
  if (exchange.method === 'GET') return jsonReply(200, { workflows: [] });
  if (exchange.method !== 'POST') throw refuseMethod();
  const url = (await readParameters(exchange)).get('url');
  if (url === null) throw new EisenError('PARAMETER_INVALID', 'Parameter url is required.', { where: 'url' });
  throw notFound(url === '' ? 'Workflow not found at: ' : `Workflow not found in workflow store: ${url}`);
}

/** `/workflows/{w}`, whatever stands behind it. */
function answerWorkflow({ method, target }: Exchange): Reply {
  if (method !== 'GET' && method !== 'DELETE') throw refuseMethod();
  throw notFound(`Workflow not found: ${target.segments[1]}`);
}

/** No workflow can be registered: the answers that TorchServe gives to everybody who asks. */
export function createWorkflowRoutes(): Route[] {
  return [
    {
      api: 'management',
      matches: ({ target: { segments } }) => segments[0] === 'workflows',
      answer: (exchange) =>
        exchange.target.segments.length === 1 ? answerCollection(exchange) : answerWorkflow(exchange),
    },
  ];
}
