"""Writ's HTTP API from the Python standard library: one class, one exception."""

import base64
import http.client
import json
import threading
import urllib.parse
import uuid


class Refused(Exception):
    """An answer that is no success. `code` is stable; the rest of the problem is in `problem`."""

    def __init__(self, status, problem):
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail', '')}")
        self.status = status
        self.problem = problem

    code = property(lambda self: self.problem.get("code", "?"))
    hop = property(lambda self: self.problem.get("hop"))
    detail = property(lambda self: self.problem.get("detail", ""))


class Client:
    """One API client. Every thread has its own connection, which stays open."""

    def __init__(self, url, client_id, client_secret):
        self.url = url.rstrip("/")
        self.id = client_id
        self.secret = client_secret
        basic = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._authorization = f"Basic {basic}"
        self._local = threading.local()

    def get(self, path, **query):
        return self._call("GET", path, None, None, query)

    def put(self, path, body, **query):
        return self._call("PUT", path, body, None, query)

    def post(self, path, body, key=None, **query):
        """`key` is the Idempotency-Key: a call that is sent again gets the first answer."""
        return self._call("POST", path, body, key or str(uuid.uuid4()), query)

    def _call(self, method, path, body, key, query):
        if query:
            path += "?" + urllib.parse.urlencode(query)
        headers = {"Authorization": self._authorization}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        if key:
            headers["Idempotency-Key"] = key
        response, text = self._send(method, path, data, headers)
        is_json = "json" in response.getheader("Content-Type", "")
        answer = json.loads(text) if is_json and text else {"text": text.decode()}
        if response.status >= 300:
            raise Refused(response.status, answer)
        return answer

    def _send(self, method, path, data, headers):
        """Once more when the service had closed an idle connection: the key makes that safe."""
        for last in (False, True):
            connection = getattr(self._local, "connection", None) or self._connect()
            self._local.connection = connection
            try:
                connection.request(method, path, data, headers)
                response = connection.getresponse()
                return response, response.read()
            except (http.client.RemoteDisconnected, ConnectionError):
                connection.close()
                self._local.connection = None
                if last:
                    raise
        raise AssertionError("not reached")

    def _connect(self):
        parts = urllib.parse.urlsplit(self.url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        return kind(parts.hostname, parts.port, timeout=30)


def segment(text):
    """A name as one segment of a path; tool names may be URIs."""
    return urllib.parse.quote(text, safe="")
