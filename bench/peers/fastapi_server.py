"""The no-op model behind FastAPI, as a careful user would write it: the session made once, the work off the event loop."""
import sys

import msgpack
import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

model_path, port = sys.argv[1], int(sys.argv[2])
session = onnxruntime.InferenceSession(model_path, providers=["CPUExecutionProvider"])
app = FastAPI()


def predict(body):
    field = msgpack.unpackb(body, raw=False, max_bin_len=2**31)["image"]
    array = np.frombuffer(field["data"], dtype=field["type"]).reshape(field["shape"])
    out = session.run(None, {"image": array})[0]
    reply = {"__ndarray__": True, "data": out.tobytes(), "shape": list(out.shape), "type": str(out.dtype)}
    return msgpack.packb({"prediction": reply}, use_bin_type=True)


@app.get("/ping")
async def ping():
    return {"status": "Healthy"}


@app.post("/predictions/noop")
async def predictions(request: Request):
    body = await request.body()
    # A small body is answered at once: a thread costs more than the work.
    content = predict(body) if len(body) < 65536 else await run_in_threadpool(predict, body)
    return Response(content=content, media_type="application/msgpack")


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
