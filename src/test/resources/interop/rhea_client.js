// Sends a mail in each format over AMQP 1.0: node rhea_client.js PORT USER PASSWORD.
// Prints a line for each answer: correlation id and status.
const rhea = require('rhea');
const [port, user, password] = process.argv.slice(2);
const attachment = Buffer.alloc(20 * 1024 * 1024);
for (let i = 0; i < attachment.length; i++) attachment[i] = (i * 31 + (i >> 8)) & 0xff;
const raw = 'From: a@sender.example\r\nTo: b@dest.example\r\nSubject: raw =?utf-8?q?Gr=C3=B6=C3=9Fe?=\r\n';
const big = Buffer.from(raw + 'MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n' +
  'Content-Transfer-Encoding: base64\r\n\r\n' + attachment.toString('base64').replace(/.{76}/g, '$&\r\n') + '\r\n');
const mail = { from: 'a@sender.example', to: 'b@dest.example', text: 'Schöne Grüße' };
const messages = [
  ['bytes', { body: rhea.message.data_section(Buffer.from(raw + '\r\nbytes\r\n')) }],
  ['rawtext', { body: raw + '\r\ntext\r\n', application_properties: { mailFrom: 'a@sender.example', rcptTo: 'b@dest.example' } }],
  ['large', { body: rhea.message.data_section(big) }],
  ['text', { body: 'Schöne Grüße', application_properties: { from: mail.from, to: mail.to, subject: 'text Größe 😀' } }],
  ['map', { body: { ...mail, subject: 'map Größe 😀', 'größe.bin': attachment } }],
  ['json', { body: JSON.stringify({ ...mail, subject: 'json Größe 😀' }) }],
];
let waiting = messages.length;
const connection = rhea.connect({ host: '127.0.0.1', port: Number(port), username: user, password, reconnect: false });
connection.open_receiver('mail.reply.' + user);
const sender = connection.open_sender('mail.submit');
let next = 0;
sender.on('sendable', () => {
  while (next < messages.length && sender.sendable()) {
    const [name, message] = messages[next++];
    sender.send({ durable: true, correlation_id: name, reply_to: 'mail.reply.' + user, ...message });
  }
});
connection.on('message', (context) => {
  console.log(context.message.correlation_id + ' ' + context.message.application_properties.status);
  if (--waiting === 0) connection.close();
});
connection.on('disconnected', () => process.exit(waiting === 0 ? 0 : 1));
