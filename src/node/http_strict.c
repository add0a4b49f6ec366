#include "node/http_strict.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>
#include <strings.h>

/* RFC 9110, 5.6.2: token. */
static bool is_token(prl_bytes text)
{
	for (size_t i = 0; i < text.size; i++) {
		unsigned char c = (unsigned char)text.data[i];
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		if (!letter && !(c >= '0' && c <= '9') && (!c || !strchr("!#$%&'*+-.^_`|~", c)))
			return false;
	}
	return text.size > 0;
}

static bool is_named(const prl_field *field, const char *name)
{
	return field->name.size == strlen(name) && strncasecmp(field->name.data, name, field->name.size) == 0;
}

static prl_bytes trim(prl_bytes text)
{
	while (text.size && (text.data[0] == ' ' || text.data[0] == '\t'))
		text.data++, text.size--;
	while (text.size && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t'))
		text.size--;
	return text;
}

prl_bytes prl_head_field(const prl_head *head, const char *name)
{
	for (size_t i = 0; i < head->count; i++)
		if (is_named(&head->fields[i], name))
			return trim(head->fields[i].value);
	return (prl_bytes){ 0 };
}

/* ---- the bytes as they were sent --------------------------------------------------------------------------------- */

static bool zero(const char *at, const char *end, size_t count)
{
	if ((size_t)(end - at) < count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (at[i])
			return false;
	return true;
}

bool prl_head_covers(const prl_head *head, const char *block, size_t size)
{
	const char *at = block, *end = block + size;
	const prl_bytes *line[] = { &head->method, &head->target, &head->version };
	for (size_t i = 0; i < 3; i++) {
		if (line[i]->data != at || line[i]->size > (size_t)(end - at))
			return false;
		at += line[i]->size;
		if (!zero(at, end, i < 2 ? 1 : 2)) /* a space; CR LF */
			return false;
		at += i < 2 ? 1 : 2;
	}
	for (size_t i = 0; i < head->count; i++) {
		const prl_field *field = &head->fields[i];
		if (field->name.data != at || field->name.size >= (size_t)(end - at) ||
		    !zero(at + field->name.size, end, 1))
			return false;
		at += field->name.size + 1;
		while (at < end && at < field->value.data && (*at == ' ' || *at == '\t'))
			at++;
		if (field->value.data != at || field->value.size > (size_t)(end - at))
			return false;
		at += field->value.size;
		if (!zero(at, end, 2))
			return false;
		at += 2;
	}
	return zero(at, end, 2) && end - at == 2;
}

/* ---- what they say ----------------------------------------------------------------------------------------------- */

static unsigned refuse(prl_error *err, unsigned status, const char *text)
{
	(void)prl_error_set(err, PRL_E_SYNTAX, "%s", text);
	return status;
}

static unsigned check_field(const prl_field *field, prl_error *err)
{
	if (!is_token(field->name))
		return refuse(err, 400, "the name of a header field is not a token (RFC 9110, 5.6.2)");
	for (size_t i = 0; i < field->value.size; i++) {
		unsigned char c = (unsigned char)field->value.data[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return refuse(err, 400, "a control character stands in a header field");
	}
	return 0;
}

/* Fields that may come once at most; a second one could be read instead of the first by somebody in front of us. */
static unsigned check_single(const prl_head *head, prl_error *err)
{
	static const char *const once[] = { "Host",          "Content-Length", "Transfer-Encoding", "Content-Type",
					    "Authorization", "Expect",         "Content-Encoding" };
	for (size_t i = 0; i < sizeof once / sizeof *once; i++) {
		size_t count = 0;
		for (size_t k = 0; k < head->count; k++)
			count += is_named(&head->fields[k], once[i]);
		if (count > 1) {
			(void)prl_error_set(err, PRL_E_DUPLICATE, "%s is given twice, expected once at most", once[i]);
			return 400;
		}
	}
	return 0;
}

static unsigned check_host(const prl_head *head, prl_error *err)
{
	prl_bytes host = prl_head_field(head, "Host");
	if (!host.data)
		return refuse(err, 400, "Host is missing (RFC 9112, 3.2)");
	for (size_t i = 0; i < host.size; i++) {
		unsigned char c = (unsigned char)host.data[i];
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		if (!letter && !(c >= '0' && c <= '9') && (!c || !strchr("-._~!$&'()*+,;=:%[]", c)))
			return refuse(err, 400, "Host is not a host and a port (RFC 3986, 3.2.2)");
	}
	return 0;
}

/* RFC 9112, 6: how long the body is. The values are compared whole, because that is how the parser compared them. */
static unsigned check_framing(const prl_head *head, prl_framing *framing, prl_error *err)
{
	const prl_field *length = NULL, *coding = NULL;
	for (size_t i = 0; i < head->count; i++) {
		if (is_named(&head->fields[i], "Content-Length"))
			length = &head->fields[i];
		if (is_named(&head->fields[i], "Transfer-Encoding"))
			coding = &head->fields[i];
	}
	if (length && coding)
		return refuse(err, 400,
			      "both Content-Length and Transfer-Encoding, expected one of them (RFC 9112, 6.3)");
	if (length && !prl_decimal_read(length->value, &framing->length))
		return refuse(err, 400, "Content-Length is not one decimal number (RFC 9110, 8.6)");
	if (!coding)
		return 0;
	if (coding->value.size != 7 || strncasecmp(coding->value.data, "chunked", 7) != 0)
		return refuse(err, 400, "a transfer coding other than chunked");
	if (!prl_bytes_is(head->version, "HTTP/1.1"))
		return refuse(err, 400, "Transfer-Encoding before HTTP/1.1 (RFC 9112, 6.1)");
	framing->chunked = true;
	return 0;
}

static unsigned check_rest(const prl_head *head, prl_framing *framing, prl_error *err)
{
	prl_bytes expect = prl_head_field(head, "Expect"), coding = prl_head_field(head, "Content-Encoding");
	if (expect.data && (expect.size != 12 || strncasecmp(expect.data, "100-continue", 12) != 0))
		return refuse(err, 417, "Expect is not 100-continue (RFC 9110, 10.1.1)");
	if (coding.data && (coding.size != 8 || strncasecmp(coding.data, "identity", 8) != 0))
		return refuse(err, 415, "a Content-Encoding, expected none");
	framing->expects_continue = expect.data != NULL;
	return 0;
}

unsigned prl_head_check(const prl_head *head, prl_framing *ret, prl_error *err)
{
	prl_framing framing = { 0 };
	if (!prl_bytes_is(head->version, "HTTP/1.1") && !prl_bytes_is(head->version, "HTTP/1.0"))
		return refuse(err, 505, "neither HTTP/1.1 nor HTTP/1.0");
	if (!is_token(head->method))
		return refuse(err, 400, "the method is not a token");
	unsigned status = 0;
	for (size_t i = 0; !status && i < head->count; i++)
		status = check_field(&head->fields[i], err);
	if (!status)
		status = check_single(head, err);
	if (!status)
		status = check_host(head, err);
	if (!status)
		status = check_framing(head, &framing, err);
	if (!status)
		status = check_rest(head, &framing, err);
	if (!status)
		*ret = framing;
	return status;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

bool prl_type_fits(prl_bytes type, const char *expected)
{
	size_t size = strlen(expected);
	if (type.size < size || strncasecmp(type.data, expected, size) != 0)
		return false;
	prl_bytes rest = trim((prl_bytes){ type.data + size, type.size - size });
	if (rest.size == 0)
		return true;
	if (rest.data[0] != ';')
		return false;
	rest = trim((prl_bytes){ rest.data + 1, rest.size - 1 });
	return (rest.size == 13 && strncasecmp(rest.data, "charset=utf-8", 13) == 0) ||
	       (rest.size == 15 && strncasecmp(rest.data, "charset=\"utf-8\"", 15) == 0);
}

prl_bytes prl_bearer_token(prl_bytes value)
{
	if (value.size < 7 || strncasecmp(value.data, "Bearer ", 7) != 0)
		return (prl_bytes){ "", 0 };
	return trim((prl_bytes){ value.data + 7, value.size - 7 });
}
