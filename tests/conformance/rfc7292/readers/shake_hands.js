// Opens a PKCS#12 and shows its certificate in a TLS handshake on loopback; prints the chain
// that the server saw, in Base64. Exit status 3 when the file does not open.
'use strict';
const fs = require('node:fs');
const tls = require('node:tls');

const [file, passphrase] = process.argv.slice(2);
const pfx = fs.readFileSync(file);
try {
  tls.createSecureContext({ pfx, passphrase });
} catch (refused) {
  console.error(refused.message);
  process.exit(3);
}

const server = tls.createServer({ pfx, passphrase, requestCert: true, rejectUnauthorized: false });
server.on('secureConnection', (socket) => {
  const chain = [];
  let shown = socket.getPeerX509Certificate();
  for (; shown; shown = shown.issuerCertificate) chain.push(shown.raw.toString('base64'));
  socket.end(JSON.stringify(chain));
});
server.on('tlsClientError', (refused) => { throw refused; });
server.listen(0, '127.0.0.1', () => {
  const client = tls.connect({
    port: server.address().port, host: '127.0.0.1', pfx, passphrase, rejectUnauthorized: false,
  });
  client.pipe(process.stdout);
  client.on('close', () => server.close());
});
