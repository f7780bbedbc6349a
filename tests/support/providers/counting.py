"""Calls of the test providers that answer in one piece: token counts and embeddings."""

import base64
import json
from array import array

from aiohttp import web

from support.providers.wire import count_tokens


async def count(request: web.Request) -> web.Response:
    body = await request.json()
    return web.json_response({"input_tokens": count_tokens(json.dumps(body["messages"]))})


async def embed(request: web.Request) -> web.Response:
    body = await request.json()
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    vectors = [array("f", [len(text), 0.5]) for text in texts]
    packed = body.get("encoding_format") == "base64"
    data = [
        {
            "object": "embedding",
            "index": at,
            "embedding": base64.b64encode(one.tobytes()).decode() if packed else list(one),
        }
        for at, one in enumerate(vectors)
    ]
    usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
    return web.json_response({"object": "list", "data": data, "model": body["model"], "usage": usage})


async def embed_gemini(request: web.Request) -> web.Response:
    body = await request.json()
    texts = [one["content"]["parts"][0]["text"] for one in body["requests"]]
    return web.json_response({"embeddings": [{"values": [len(text), 0.5]} for text in texts]})
