# A code service as many tutorials build it: Flask in front of Redis, a code per phone number with a time to live,
# compared and deleted by two commands. No limits, no record, nothing durable: what the least design costs.
import os
import secrets

import redis
from flask import Flask, jsonify, request

app = Flask(__name__)
store = redis.Redis(port=int(os.environ['BENCH_REDIS_PORT']), decode_responses=True)


@app.post('/generate-otp')
def generate():
    phone = request.get_json()['phone']
    otp = f'{secrets.randbelow(10**6):06d}'
    store.setex(f'otp:{phone}', 300, otp)
    return jsonify(otp=otp)


@app.post('/verify-otp')
def verify():
    body = request.get_json()
    key = f"otp:{body['phone']}"
    if store.get(key) != body['otp']:
        return jsonify(verified=False), 400
    store.delete(key)
    return jsonify(verified=True)
