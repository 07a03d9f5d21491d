"""Reads the scripted model server with the clients of OpenAI and Anthropic. usage: model_clients.py URL"""
import json
import sys
import urllib.request

import anthropic
import openai

root = sys.argv[1]
failed = 0


def script(reply):
    body = json.dumps([{"reply": reply}]).encode()
    request = urllib.request.Request(root + "/control/script", body, {"content-type": "application/json"})
    urllib.request.urlopen(request).read()


def told(what, holds, seen):
    global failed
    failed += not holds
    print("ok  " if holds else "FAIL", what + ":", seen)


usage = {"given": {"input": 100, "cache_read": 40, "cache_write_5m": 20, "output": 30, "reasoning": 7}}
talk = {"text": "one two three", "reasoning": "hm, let me see", "usage": usage}
tool = {"tool_calls": [{"name": "weather", "arguments": {"city": "Paris"}}, {"name": "clock", "arguments": {}}]}
offered = {"type": "object", "properties": {"city": {"type": "string"}}}
said = [{"role": "user", "content": "hello"}]

for kind in ["openai", "deepseek", "compatible"]:
    client = openai.OpenAI(base_url=f"{root}/{kind}/v1", api_key="sk-1", max_retries=0)
    tools = [{"type": "function", "function": {"name": name, "parameters": offered}} for name in ["weather", "clock"]]
    script(talk)
    with client.chat.completions.stream(model="m", messages=said, stream_options={"include_usage": True}) as stream:
        final = stream.until_done().get_final_completion()
    told(f"{kind} stream", final.choices[0].message.content == "one two three", final.choices[0].finish_reason)
    told(f"{kind} usage", (final.usage.prompt_tokens, final.usage.completion_tokens) == (100, 30), final.usage.total_tokens)
    cached = final.usage.prompt_tokens_details.cached_tokens
    told(f"{kind} cached", cached == 40, cached)
    whole = client.chat.completions.create(model="m", messages=said)
    told(f"{kind} whole", whole.choices[0].message.content == "one two three", whole.usage.total_tokens)
    script(tool)
    with client.chat.completions.stream(model="m", messages=said, tools=tools) as stream:
        final = stream.get_final_completion()
    calls = [(call.function.name, json.loads(call.function.arguments)) for call in final.choices[0].message.tool_calls]
    told(f"{kind} tools", calls == [("weather", {"city": "Paris"}), ("clock", {})], calls)
    told(f"{kind} models", len(client.models.list().data) == 2, "listed")
    for status, error in [(401, openai.AuthenticationError), (404, openai.NotFoundError), (429, openai.RateLimitError),
                          (500, openai.InternalServerError)]:
        script({"error": {"status": status}})
        try:
            client.chat.completions.create(model="m", messages=said)
            told(f"{kind} {status}", False, "answered")
        except openai.APIStatusError as seen:
            told(f"{kind} {status}", isinstance(seen, error), seen.code)

# This client sends its key as a bearer token, as it does for sign-ins; the header of keys is set beside it.
client = anthropic.Anthropic(base_url=f"{root}/anthropic", api_key="sk-1", max_retries=0,
                             default_headers={"x-api-key": "sk-1"})
tools = [{"name": name, "input_schema": offered} for name in ["weather", "clock"]]
script(talk)
with client.messages.stream(model="m", max_tokens=99, messages=said) as stream:
    text = "".join(stream.text_stream)
    final = stream.get_final_message()
told("anthropic stream", text == "one two three", final.stop_reason)
told("anthropic thinking", final.content[0].thinking == "hm, let me see" and final.content[0].signature != "", "signed")
seen = (final.usage.input_tokens, final.usage.cache_read_input_tokens, final.usage.cache_creation_input_tokens,
        final.usage.output_tokens)
told("anthropic usage", seen == (40, 40, 20, 30), seen)
whole = client.messages.create(model="m", max_tokens=99, messages=said)
told("anthropic whole", whole.content[-1].text == "one two three", whole.stop_reason)
script(tool)
with client.messages.stream(model="m", max_tokens=99, messages=said, tools=tools) as stream:
    final = stream.get_final_message()
calls = [(block.name, block.input) for block in final.content if block.type == "tool_use"]
told("anthropic tools", calls == [("weather", {"city": "Paris"}), ("clock", {})], calls)
told("anthropic models", len(client.models.list().data) == 2, "listed")
for status, error in [(401, anthropic.AuthenticationError), (404, anthropic.NotFoundError),
                      (429, anthropic.RateLimitError), (529, anthropic.InternalServerError)]:
    script({"error": {"status": status}})
    try:
        client.messages.create(model="m", max_tokens=99, messages=said)
        told(f"anthropic {status}", False, "answered")
    except anthropic.APIStatusError as seen:
        told(f"anthropic {status}", isinstance(seen, error), seen.body["error"]["type"])

count = json.load(urllib.request.urlopen(root + "/control/count"))
told("requests that a vendor would refuse", count["invalid"] == 0, count)
sys.exit(failed != 0)
