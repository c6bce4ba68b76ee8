-- What wrk sends and how it tells what came back; see _load-generator.mjs.
local body = io.open(os.getenv("BENCH_BODY_FILE"), "rb")
wrk.method = "POST"
wrk.body = body:read("*a")
wrk.headers["Content-Type"] = "application/octet-stream"
body:close()

function done(summary, latency)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('{"count":%d,"failures":%d,"perSecond":%.3f,"p50":%.4f,"p99":%.4f,"max":%.4f}\n',
    summary.requests, failures, summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
