import { EisenServingClient } from '../../core/client/eisen-serving-client.js';
import { resolveEndpoint } from '../../core/client/find-model.js';
import { NON_FINITE_HEADER, readNonFinite } from '../../core/tensor/non-finite-header.js';
import { type ConnectFlags, createClientOptions } from '../connect-options.js';
import type { Output } from '../output.js';
import type { Predictor } from './predictor.js';

/** A model behind a server. An address without a path stands for the only model there. */
export async function createServedPredictor(
  url: string,
  flags: ConnectFlags,
  { output, signal }: { readonly output: Output; readonly signal?: AbortSignal },
): Promise<Predictor> {
  const options = await createClientOptions(url, flags);
  const endpoint = await resolveEndpoint(options, signal);
  const client = new EisenServingClient({
    ...options,
    url: endpoint,
    onBusy: (waitMs) => output.stage(`the server is busy; asking again in ${Math.ceil(waitMs / 1000)} s`),
  });
  return {
    label: endpoint,
    metadata: (abort) => client.getMetadata({ signal: abort }),
    async predict({ body, accept, signal: abort }) {
      const reply = await client.send(body, { accept, signal: abort });
      return {
        contentType: reply.headers['content-type'] ?? '',
        body: reply.body,
        nonFinite: readNonFinite(reply.headers[NON_FINITE_HEADER]?.toString()),
      };
    },
    close: async () => client.close(),
  };
}
