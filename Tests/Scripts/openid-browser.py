#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The citizen of openid-provider.py with a browser: logs in, and goes where the provider sends it.

    openid-browser.py [--password WORD] [--print] ADDRESS

With --print the address at the end (.../callback?...) is printed and not opened.
"""

import argparse
import html.parser
import http.cookiejar
import sys
import urllib.parse
import urllib.request

parser = argparse.ArgumentParser()
parser.add_argument("--password", default="secret")
parser.add_argument("--print", action="store_true")
parser.add_argument("address")
arguments = parser.parse_args()


class Form(html.parser.HTMLParser):
    """The inputs of the page's form."""

    def __init__(self):
        super().__init__()
        self.fields = {}

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "input" and attributes.get("name"):
            self.fields[attributes["name"]] = attributes.get("value") or ""


class AtTheEnd(Exception):
    """The address where the login ends."""


class Redirections(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, request, file, code, message, headers, address):
        if urllib.parse.urlsplit(address).path == "/callback":
            raise AtTheEnd(address)
        return super().redirect_request(request, file, code, message, headers, address)


cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
browser = urllib.request.build_opener(cookies, Redirections)
try:
    page = browser.open(arguments.address, timeout=60)
    form = Form()
    form.feed(page.read().decode())
    form.fields.update(username="citizen", password=arguments.password)
    request = urllib.request.Request(
        page.geturl(),
        data=urllib.parse.urlencode(form.fields).encode(),
        headers={"Referer": page.geturl()},
    )
    browser.open(request, timeout=60)
    sys.exit("error: the login was refused")
except AtTheEnd as end:
    address = str(end)
except OSError as error:
    sys.exit(f"error: {error}")
if arguments.print:
    print(address)
else:
    urllib.request.urlopen(address, timeout=60).read()
