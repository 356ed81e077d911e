#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who a terminal speaks to: a mobile app server (HTTP) and a bank behind a switch (ISO 8583:1987 in ASCII, two octets of
length), which share no code with Carnet.

atm_peer.py DIRECTORY: serves on free ports of this machine until it is killed; base.txt has the URL, switch.txt the port.
behave.json there says how to behave: lose_request, lose_answer, code (of 0210), step_up, refuse_acks (how many 0430 to lose),
amount, type, quick, pending, hold, fail.  ledger.json has what was booked; peer.log a line of JSON for each message."""
import json, os, socketserver, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

os.chdir(sys.argv[1])
lock = threading.RLock()
sessions, booked, reversed_before, answered, acks_lost = {}, {}, set(), {}, [0]
FIXED = {3: 6, 4: 12, 7: 10, 11: 6, 12: 6, 13: 4, 18: 4, 22: 3, 37: 12, 38: 6, 39: 2, 41: 8, 42: 15, 43: 40, 49: 3,
         70: 3, 90: 42, 95: 42}
VARIABLE = {2: 2, 32: 2, 48: 3, 102: 2}


def how(name, default=None):
    try:
        with open('behave.json') as f:
            return json.load(f).get(name, default)
    except FileNotFoundError:
        return default


def note(**event):
    with lock, open('peer.log', 'a') as f:
        f.write(json.dumps(event) + '\n')


def save():
    with open('ledger.new', 'w') as f:
        json.dump({'debited': sum(booked.values()), 'booked': list(booked.values())}, f)
    os.rename('ledger.new', 'ledger.json')


def begin_anew():
    if os.path.exists('reset'):
        os.remove('reset')
        for kept in (booked, reversed_before, answered):
            kept.clear()
        acks_lost[0] = 0


def parse(text):
    at, bits = 4, int(text[4:20], 16)
    at = 20
    count = 64
    if bits >> 63:
        bits = bits << 64 | int(text[20:36], 16)
        at, count = 36, 128
    fields = {}
    for n in range(2, count + 1):
        if not bits >> (count - n) & 1:
            continue
        if n in VARIABLE:
            length = int(text[at:at + VARIABLE[n]])
            at += VARIABLE[n]
        else:
            length = FIXED[n]
        fields[n] = text[at:at + length]
        at += length
    assert at == len(text), 'something is over'
    return text[:4], fields


def build(mti, fields):
    count = 128 if max(fields) > 64 else 64
    bits = 1 << 127 if count == 128 else 0
    body = ''
    for n in sorted(fields):
        bits |= 1 << (count - n)
        body += ('%0*d' % (VARIABLE[n], len(fields[n])) if n in VARIABLE else '') + fields[n]
    return mti + '%0*X' % (count // 4, bits) + body


def data_sets(text):
    found, at = {}, 0
    while at < len(text):
        length = int(text[at + 2:at + 5])
        found[text[at:at + 2]] = text[at + 5:at + 5 + length]
        at += 5 + length
    return found


def judge(mti, f):
    """The response code, what else is in the answer, and whether there is one."""
    key = (f[11], f[7])
    if mti == '0200':
        if key in reversed_before or key in booked:
            return '94', {}, True
        carrier = data_sets(data_sets(f[48])['P1'])
        if how('step_up') and 'Cm' not in carrier.get('VT', ''):
            return '1A', {48: 'P1%03dVR008Cf.Cg.Co' % 13}, True
        if how('code'):
            return how('code'), {}, True
        booked[key] = int(f[4])
        return '00', {38: 'A1B2C3'}, not how('lose_answer')
    original = (f[90][4:10], f[90][10:20])
    actual = int(f[95][:12]) if 95 in f else 0
    if original in booked:
        booked[original] = min(booked[original], actual)
    reversed_before.add(original)
    return '00', {}, True


class Bank(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            head = self.rfile.read(2)
            if len(head) < 2:
                return
            text = self.rfile.read(int.from_bytes(head, 'big')).decode('ascii')
            mti, f = parse(text)
            if mti == '0800':
                note(management=f[70])
                self.send(build('0810', {**{n: f[n] for n in (7, 11, 70)}, 39: '00'}))
                continue
            if mti == '0200' and how('lose_request'):
                continue
            with lock:
                begin_anew()
                code, more, answer = answered.get((mti[:3], f[11], f[7]), (None, None, True))
                if code is None:
                    code, more, answer = judge(mti, f)
                    if mti[:2] == '04':
                        answered[(mti[:3], f[11], f[7])] = (code, more, True)
                if mti[:2] == '04' and acks_lost[0] < how('refuse_acks', 0):
                    acks_lost[0] += 1
                    answer = False
                save()
            note(mti=mti, stan=f[11], code=code, reason=f.get(39), answered=answer, de22=f.get(22))
            if answer:
                reply = {n: f[n] for n in (3, 4, 7, 11, 32, 37, 41, 49) if n in f}
                self.send(build('02' + '10' if mti == '0200' else '0430', {**reply, 39: code, **more}))

    def send(self, text):
        self.wfile.write(len(text).to_bytes(2, 'big') + text.encode('ascii'))


class Threads(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


REF = 'ST0000000042'


def collect(body):
    state = sessions.setdefault(body['session'], {'asked': 0, 'more': False, 'since': 0})
    state['asked'] += 1
    quick = how('quick') and not state['more']
    if how('pending') or (state['asked'] == 1 and not state.get('evidence') and not quick):
        return {'status': 'PENDING', 'interval': 1}
    if how('fail'):
        return {'status': 'FAILED', 'ref': REF, 'reason': 'attempts'}
    if state['asked'] == 2 and not quick or state['more'] and not state['since']:
        state['since'] = state['more']
        return {'status': 'STEPPING_UP' if state['more'] else 'AUTHENTICATING', 'ref': REF, 'bindingMessage': 'K7Q2',
                'interval': 1}
    if how('hold'):
        return {'status': 'STEPPING_UP' if state['more'] else 'AUTHENTICATING', 'ref': REF, 'bindingMessage': 'K7Q2',
                'interval': 1}
    vot = 'Ce.Cf.Cg.Cn' + ('.Cm' if state['more'] else '')
    return {'status': 'FULFILLED', 'ref': REF, 'type': how('type', 'ATM_CWD'), 'amount': how('amount', '000000020000'),
            'currency': '840', 'pan': '4761739001010119', 'bindingMessage': 'K7Q2',
            'carrier': {'vot': vot, 'trustmark': '1', 'sessionId': 'EBESExQVFhcYGRobHB0eHw', 'authTime': 1795226400,
                        'expiry': 1795226700, 'aal': 3, 'keyId': 'idp-1', 'signature': 'A' * 86}}


class Server(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        path = self.path.rsplit('/', 1)[1]
        with lock:
            if path == 'Collect':
                answer = collect(body)
            elif path == 'StepUp':
                sessions[body['session']]['more'] = True
                note(step_up=body['vtr'])
                answer = {'status': 'STEPPING_UP', 'ref': REF, 'bindingMessage': 'K7Q2', 'interval': 1}
            elif path == 'Evidence':
                sessions.setdefault(body['session'], {'asked': 1, 'more': False, 'since': 0})['evidence'] = True
                note(evidence={k: len(v) for k, v in body.items()})
                with open('evidence.json', 'w') as f:
                    json.dump(body, f)
                answer = {'status': 'AUTHENTICATING', 'ref': REF, 'bindingMessage': 'K7Q2', 'interval': 1}
            else:
                note(told=body['result'], amount=body.get('amount'))
                answer = {'ref': REF, 'status': 'DISPENSED', 'type': 'ATM_CWD', 'amount': '000000020000',
                          'currency': '840', 'expiration': 1795226700000}
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(text)))
        self._headers_buffer += [b'\r\n', text]  # in one segment
        self.flush_headers()

    def log_message(self, *args):
        pass


save()
bank = Threads(('127.0.0.1', 0), Bank)
server = ThreadingHTTPServer(('127.0.0.1', 0), Server)
with open('switch.txt', 'w') as f:
    f.write('127.0.0.1:%d' % bank.server_address[1])
threading.Thread(target=bank.serve_forever, daemon=True).start()
with open('base.new', 'w') as f:
    f.write('http://127.0.0.1:%d' % server.server_address[1])
os.rename('base.new', 'base.txt')
server.serve_forever()
