// The official SDKs of npm pointed at Cairn: prints what each flow gave, as JSON.
const OpenAI = require("openai");
const Anthropic = require("@anthropic-ai/sdk");

const [address] = process.argv.slice(2);
const openai = new OpenAI({ baseURL: `${address}/v1`, apiKey: "any", maxRetries: 0 });
const anthropic = new Anthropic({ baseURL: address, apiKey: "any", maxRetries: 0 });
const messages = [{ role: "user", content: "Why Kafka?" }];
const parameters = { type: "object", properties: { topic: { type: "string" } } };

const failure = async (call) => {
  try {
    await call();
    return "no error";
  } catch (error) {
    return {
      kind: error.constructor.name,
      status: error.status,
      request: error.requestID ?? null,
      retry: error.headers?.get?.("retry-after") ?? null,
      code: error.code ?? null,
      message: error.message,
    };
  }
};

const flows = {
  chat: async () => {
    const { data, request_id } = await openai.chat.completions.create({ model: "claude/words", messages }).withResponse();
    return { text: data.choices[0].message.content, request: request_id };
  },
  chatStream: async () => {
    const stream = openai.chat.completions.stream({
      model: "claude/words", messages, stream_options: { include_usage: true },
    });
    const end = await stream.finalChatCompletion();
    return { text: end.choices[0].message.content, reason: end.choices[0].finish_reason, usage: end.usage };
  },
  chatTools: async () => {
    const tools = [{ type: "function", function: { name: "find", parameters } }];
    const end = await openai.chat.completions.stream({ model: "claude/tools", messages, tools }).finalChatCompletion();
    return end.choices[0].message.tool_calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)]);
  },
  chatContinued: async () => {
    const stream = await openai.chat.completions.create({ model: "cut-short", messages, stream: true });
    let text = "";
    let by = null;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? "";
      by = chunk.cairn?.continued_by ?? by;
    }
    return { text, by };
  },
  responses: async () => (await openai.responses.create({ model: "claude/words", input: "Why Kafka?" })).output_text,
  responsesStream: async () => {
    const stream = openai.responses.stream({ model: "gpt/words", input: "Why Kafka?" });
    return (await stream.finalResponse()).output_text;
  },
  embeddings: async () => {
    const made = await openai.embeddings.create({ model: "gpt/words", input: ["one", "two"] });
    return made.data.map((one) => one.embedding.length > 0);
  },
  models: async () => {
    const found = [];
    for await (const model of openai.models.list()) found.push(model.id);
    return found.includes("quotes") && found.includes("claude/words");
  },
  abort: async () => {
    const stream = await openai.chat.completions.create({ model: "gpt/endless", messages, stream: true });
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta?.content) break;
    }
    return stream.controller.signal.aborted;
  },
  busy: () => failure(() => openai.chat.completions.create({ model: "gpt/busy", messages })),
  unknown: () => failure(() => openai.chat.completions.create({ model: "gpt/none", messages })),
  malformed: () => failure(() => openai.chat.completions.create({ model: "claude/words", messages: "no" })),
  cut: () => failure(async () => {
    for await (const _ of await openai.chat.completions.create({ model: "gpt/cut", messages, stream: true }));
  }),
  message: async () => {
    const asked = anthropic.messages.create({ model: "gpt/words", max_tokens: 99, messages });
    const { data, request_id } = await asked.withResponse();
    return { text: data.content[0].text, reason: data.stop_reason, request: request_id };
  },
  messageStream: async () => {
    const message = await anthropic.messages.stream({ model: "gpt/words", max_tokens: 99, messages }).finalMessage();
    return { text: message.content[0].text, output: message.usage.output_tokens };
  },
  messageTools: async () => {
    const tools = [{ name: "find", input_schema: parameters }];
    const asked = { model: "gpt/tools", max_tokens: 99, messages, tools };
    const message = await anthropic.messages.stream(asked).finalMessage();
    return message.content.filter((one) => one.type === "tool_use").map((one) => [one.name, one.input]);
  },
  count: async () => (await anthropic.messages.countTokens({ model: "claude/words", messages })).input_tokens,
  anthropicModels: async () => {
    const found = [];
    for await (const model of anthropic.models.list()) found.push(model.id);
    return found.includes("quotes");
  },
  anthropicBusy: () => failure(() => anthropic.messages.create({ model: "claude/busy", max_tokens: 9, messages })),
  anthropicOverloaded: () =>
    failure(() => anthropic.messages.create({ model: "claude/overloaded", max_tokens: 9, messages })),
  anthropicUnknown: () => failure(() => anthropic.messages.create({ model: "claude/none", max_tokens: 9, messages })),
  anthropicCut: () =>
    failure(() => anthropic.messages.stream({ model: "claude/cut", max_tokens: 9, messages }).finalMessage()),
};

(async () => {
  const results = {};
  for (const [name, flow] of Object.entries(flows)) {
    try {
      results[name] = await flow();
    } catch (error) {
      results[name] = `failed: ${error.stack}`;
    }
  }
  process.stdout.write(JSON.stringify(results));
})();
