"""A socket to the ASGI application for tests. (channels.testing asks for a second web server, which we do not have.)"""

import json

from asgiref.testing import ApplicationCommunicator


class Socket(ApplicationCommunicator):
    """Speaks the WebSocket side of ASGI with an application."""

    def __init__(self, application, path, headers):
        super().__init__(
            application,
            {"type": "websocket", "path": path, "query_string": b"", "headers": headers, "subprotocols": []},
        )

    async def connect(self):
        """True if the application accepted."""
        await self.send_input({"type": "websocket.connect"})
        return (await self.receive_output(3))["type"] == "websocket.accept"

    async def read(self, timeout_s=3):
        message = await self.receive_output(timeout_s)
        assert message["type"] == "websocket.send", message
        return json.loads(message["text"])

    async def closing_code(self):
        message = await self.receive_output(3)
        assert message["type"] == "websocket.close", message
        return message["code"]

    async def hang_up(self):
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(3)
