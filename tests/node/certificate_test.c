/* The oracle is the openssl program. */
#include "node/certificate.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void write_file(const char *path, const prl_buffer *bytes)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes->data, 1, bytes->size, file), bytes->size);
	assert_int_equal(fclose(file), 0);
}

/* The first line that a command prints. */
static void first_line(const char *command, char *line, size_t room)
{
	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_non_null(fgets(line, (int)room, pipe));
	line[strcspn(line, "\n")] = 0;
	pclose(pipe);
}

static void pin_is_what_openssl_computes(void **state)
{
	(void)state;
	static const char *const hosts[] = { "us.example", "192.0.2.1", "2001:db8::1" };
	char folder[] = "/tmp/parley-certificate-XXXXXX", path[80], command[400], line[200];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/crt", folder);
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		prl_buffer certificate = PRL_BUFFER(65536), key = PRL_BUFFER(65536);
		prl_error err = { 0 };
		assert_int_equal(prl_certificate_new(hosts[i], &certificate, &key, &err), PRL_OK);
		assert_non_null(strstr(key.data, "PRIVATE KEY"));
		write_file(path, &certificate);
		prl_hash pin;
		assert_int_equal(prl_certificate_pin((prl_bytes){ certificate.data, certificate.size }, &pin, &err),
				 PRL_OK);
		char text[PRL_HASH_TEXT_MAX];
		prl_hash_write(&pin, text);
		snprintf(command, sizeof command,
			 "openssl x509 -in %s -pubkey -noout | openssl pkey -pubin -outform DER | openssl dgst -sha256 "
			 "-binary |"
			 " base64",
			 path);
		first_line(command, line, sizeof line);
		assert_string_equal(line, text);
		snprintf(command, sizeof command, "openssl verify -CAfile %s %s", path, path);
		first_line(command, line, sizeof line);
		assert_non_null(strstr(line, ": OK"));
		snprintf(command, sizeof command, "openssl x509 -in %s -noout -%s %s", path,
			 i ? "checkip" : "checkhost", hosts[i]);
		first_line(command, line, sizeof line);
		assert_null(strstr(line, "NOT"));
		prl_buffer_done(&certificate);
		prl_buffer_done(&key);
	}
	unlink(path);
	rmdir(folder);
}

static void what_is_no_certificate_is_refused(void **state)
{
	(void)state;
	prl_hash pin;
	prl_error err = { 0 };
	assert_int_equal(prl_certificate_pin(prl_bytes_of("-----BEGIN CERTIFICATE-----\nAAAA\n"), &pin, &err),
			 PRL_E_IO);
	assert_int_equal(prl_certificate_pin((prl_bytes){ "", 0 }, &pin, &err), PRL_E_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pin_is_what_openssl_computes),
		cmocka_unit_test(what_is_no_certificate_is_refused),
	};
	return cmocka_run_group_tests_name("certificate", tests, NULL, NULL);
}
