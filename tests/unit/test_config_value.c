/* SPDX-License-Identifier: Apache-2.0 */
/* The types of flags: what a value means, and the message for a bad one. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "parse.h"
#include "source.h"
#include "suites.h"

#define US 1000ull
#define MS 1000000ull
#define S 1000000000ull
#define HOUR (3600 * S)

static const struct {
	const char *arg;
	size_t offset; /* of a uint64_t in struct config */
	uint64_t value;
} numbers[] = {
	{ "--series.max=1", offsetof(struct config, series_max), 1 },
	{ "--series.max=1048050", offsetof(struct config, series_max), 1048050 },
	{ "--copies=0", offsetof(struct config, copies), 0 },
	{ "--copies=8", offsetof(struct config, copies), 8 },
	{ "--series.max=007", offsetof(struct config, series_max), 7 },
	{ "--buckets.step=31", offsetof(struct config, buckets_step), 31 },
	{ "--series.memory=1048576", offsetof(struct config, series_memory), 1 << 20 },
	{ "--series.memory=1048576B", offsetof(struct config, series_memory), 1 << 20 },
	{ "--series.memory=2048KiB", offsetof(struct config, series_memory), 2 << 20 },
	{ "--series.memory=3MiB", offsetof(struct config, series_memory), 3 << 20 },
	{ "--series.memory=1024GiB", offsetof(struct config, series_memory), 1ull << 40 },
	{ "--series.memory=2000kB", offsetof(struct config, series_memory), 2000000 },
	{ "--series.memory=5MB", offsetof(struct config, series_memory), 5000000 },
	{ "--series.memory=1GB512MB", offsetof(struct config, series_memory), 1512000000 },
	{ "--max-age=0", offsetof(struct config, max_age_ns), 0 },
	{ "--max-age=0s", offsetof(struct config, max_age_ns), 0 },
	{ "--max-age=5ns", offsetof(struct config, max_age_ns), 5 },
	{ "--max-age=5us", offsetof(struct config, max_age_ns), 5 * US },
	{ "--max-age=5ms", offsetof(struct config, max_age_ns), 5 * MS },
	{ "--max-age=5s", offsetof(struct config, max_age_ns), 5 * S },
	{ "--max-age=5m", offsetof(struct config, max_age_ns), 300 * S },
	{ "--max-age=1h", offsetof(struct config, max_age_ns), HOUR },
	{ "--max-age=1m30s250ms", offsetof(struct config, max_age_ns), 90 * S + 250 * MS },
	{ "--duration=1d", offsetof(struct config, duration_ns), 24 * HOUR },
	{ "--duration=23h59m", offsetof(struct config, duration_ns), 24 * HOUR - 60 * S },
	{ "--buckets.min=3ms", offsetof(struct config, buckets_min_ns), 3 * MS },
	{ "--buckets.max=1h", offsetof(struct config, buckets_max_ns), HOUR },
};

START_TEST(number_size_or_duration_has_its_value)
{
	const char *field;
	struct parse p;
	uint64_t value;

	parse_one(&p, numbers[_i].arg);
	field = (const char *)&p.config + numbers[_i].offset;
	memcpy(&value, field, sizeof(value));
	ck_assert_uint_eq(value, numbers[_i].value);
	parse_free(&p);
}

static const struct {
	const char *arg;
	size_t offset; /* of an unsigned int in struct config */
	unsigned int value;
} choices[] = {
	{ "--comm.source=process", offsetof(struct config, comm_source), COMM_OF_PROCESS },
	{ "--comm.source=thread", offsetof(struct config, comm_source), COMM_OF_THREAD },
	{ "--attach=auto", offsetof(struct config, attach), ATTACH_AUTO },
	{ "--attach=tp_btf", offsetof(struct config, attach), ATTACH_TP_BTF },
	{ "--attach=tracepoint", offsetof(struct config, attach), ATTACH_TRACEPOINT },
	{ "--attach=raw_tp", offsetof(struct config, attach), ATTACH_RAW_TP },
	{ "--once", offsetof(struct config, once), ONCE_TEXT },
	{ "--once=no", offsetof(struct config, once), ONCE_NO },
	{ "--once=text", offsetof(struct config, once), ONCE_TEXT },
	{ "--once=openmetrics", offsetof(struct config, once), ONCE_OPENMETRICS },
	{ "--once=protobuf", offsetof(struct config, once), ONCE_PROTOBUF },
	{ "--once=folded", offsetof(struct config, once), ONCE_FOLDED },
	{ "--log.level=debug", offsetof(struct config, log_level), LOG_DEBUG },
	{ "--log.level=info", offsetof(struct config, log_level), LOG_INFO },
	{ "--log.level=warn", offsetof(struct config, log_level), LOG_WARN },
	{ "--log.level=error", offsetof(struct config, log_level), LOG_ERROR },
	{ "--log.format=logfmt", offsetof(struct config, log_format), LOG_LOGFMT },
	{ "--log.format=json", offsetof(struct config, log_format), LOG_JSON },
};

START_TEST(choice_is_the_enum_of_its_word)
{
	const char *field;
	struct parse p;
	unsigned int value;

	parse_one(&p, choices[_i].arg);
	field = (const char *)&p.config + choices[_i].offset;
	memcpy(&value, field, sizeof(value));
	ck_assert_uint_eq(value, choices[_i].value);
	parse_free(&p);
}

START_TEST(buckets_follow_their_flags)
{
	const char *const args[] = { "--buckets.min=1s", "--buckets.max=4s", "--buckets.step=2",
				     NULL };
	struct parse p;

	parse(&p, args, NULL);
	ck_assert_int_eq(p.r, 0);
	ck_assert_uint_eq(p.config.bounds.n, 2);
	ck_assert_uint_eq(p.config.bounds.slot[0], 24);
	ck_assert_uint_eq(p.config.bounds.slot[1], 26);
	parse_free(&p);
}

#define NUMBER "is not a number from 1 to 1048050"
#define DURATION "is not a duration (write 100ms, 10s or 1h30m)"
#define MODES "auto,tp_btf,tracepoint,raw_tp"
#define SIZE "is not a size (write 64MiB or 1GiB)"

static const struct {
	const char *arg;
	const char *err;
} mistakes[] = {
	{ "--series.max=0", "--series.max: '0' " NUMBER },
	{ "--series.max=1048051", "--series.max: '1048051' " NUMBER },
	{ "--series.max=", "--series.max: '' " NUMBER },
	{ "--series.max=-1", "--series.max: '-1' " NUMBER },
	{ "--series.max=+1", "--series.max: '+1' " NUMBER },
	{ "--series.max= 1", "--series.max: ' 1' " NUMBER },
	{ "--series.max=1 ", "--series.max: '1 ' " NUMBER },
	{ "--series.max=1k", "--series.max: '1k' " NUMBER },
	{ "--series.max=18446744073709551617", "--series.max: '18446744073709551617' " NUMBER },
	{ "--series.max=0x10", "--series.max: '0x10' " NUMBER },
	{ "--copies=9", "--copies: '9' is not a number from 0 to 8" },
	{ "--copies=-1", "--copies: '-1' is not a number from 0 to 8" },
	{ "--copies=auto", "--copies: 'auto' is not a number from 0 to 8" },
	{ "--attach=bogus", "--attach: 'bogus' is none of " MODES },
	{ "--attach=", "--attach: '' is none of " MODES },
	{ "--attach=tp_btf,raw_tp", "--attach: 'tp_btf,raw_tp' is none of " MODES },
	{ "--buckets.step=0", "--buckets.step: '0' is not a number from 1 to 31" },
	{ "--series.memory=x", "--series.memory: 'x' " SIZE },
	{ "--series.memory=", "--series.memory: '' " SIZE },
	{ "--series.memory=64mib", "--series.memory: '64mib' " SIZE },
	{ "--series.memory=64 MiB", "--series.memory: '64 MiB' " SIZE },
	{ "--series.memory=1.5GiB", "--series.memory: '1.5GiB' " SIZE },
	{ "--series.memory=18446744073709551615KiB",
	  "--series.memory: '18446744073709551615KiB' " SIZE },
	{ "--series.memory=1023KiB",
	  "--series.memory: '1023KiB' is out of range (1MiB to 1024GiB)" },
	{ "--series.memory=1025GiB",
	  "--series.memory: '1025GiB' is out of range (1MiB to 1024GiB)" },
	{ "--max-age=10", "--max-age: '10' " DURATION },
	{ "--max-age=", "--max-age: '' " DURATION },
	{ "--max-age=1.5s", "--max-age: '1.5s' " DURATION },
	{ "--max-age=1h30", "--max-age: '1h30' " DURATION },
	{ "--max-age=-1s", "--max-age: '-1s' " DURATION },
	{ "--max-age=1S", "--max-age: '1S' " DURATION },
	{ "--max-age=213504d", "--max-age: '213504d' " DURATION },
	{ "--max-age=3601s", "--max-age: '3601s' is out of range (at most 1h)" },
	{ "--duration=25h", "--duration: '25h' is out of range (at most 24h)" },
	{ "--comm.source=both", "--comm.source: 'both' is none of process,thread" },
	{ "--comm.source=", "--comm.source: '' is none of process,thread" },
	{ "--comm.source=process,thread",
	  "--comm.source: 'process,thread' is none of process,thread" },
	{ "--log.level=Info", "--log.level: 'Info' is none of debug,info,warn,error" },
	{ "--once=json", "--once: 'json' is none of no,text,openmetrics,protobuf,folded" },
	{ "--dump=yes", "--dump: 'yes' is neither true nor false" },
	{ "--dump=", "--dump: '' is neither true nor false" },
	{ "--web.telemetry-path=metrics", "--web.telemetry-path: 'metrics' does not begin with /" },
	{ "--web.telemetry-path=", "--web.telemetry-path: '' does not begin with /" },
	{ "--web.telemetry-path=/a?b",
	  "--web.telemetry-path: '/a?b' has a character that ends a path" },
	{ "--web.telemetry-path=/a#b",
	  "--web.telemetry-path: '/a#b' has a character that ends a path" },
	{ "--web.listen-address=localhost",
	  "--web.listen-address: 'localhost' is not HOST:PORT with a numeric host or localhost, "
	  "such as 127.0.0.1:9435, [::1]:9435 or :9435" },
	{ "--web.telemetry-path=/", "--web.telemetry-path: '/' is another page's path" },
	{ "--web.telemetry-path=/-/ready",
	  "--web.telemetry-path: '/-/ready' is another page's path" },
	{ "--web.telemetry-path=/healthz",
	  "--web.telemetry-path: '/healthz' is another page's path" },
	{ "--buckets.min=17s", "--buckets.min: is above --buckets.max" },
	{ "--trace-families=Netwrok",
	  "--trace-families: unknown family 'Netwrok', did you mean Network?" },
	/* flags */
	{ "--series.max", "--series.max: needs a value (N)" },
	{ "--replay", "--replay: needs a value (FILE)" },
	{ "--seris.max=1", "unknown flag '--seris.max=1', did you mean series.max? (see --help)" },
	{ "--maxage", "unknown flag '--maxage', did you mean max-age? (see --help)" },
	{ "-x", "unknown flag '-x' (see --help)" },
	{ "--Dump", "unknown flag '--Dump', did you mean dump? (see --help)" },
	{ "---dump", "unknown flag '---dump', did you mean dump? (see --help)" },
	{ "--no-series.max",
	  "unknown flag '--no-series.max', did you mean series.max? (see --help)" },
	{ "--no-dump=true", "unknown flag '--no-dump=true', did you mean dump? (see --help)" },
	{ "--no-nonsense", "unknown flag '--no-nonsense' (see --help)" },
	{ "serve", "unexpected argument 'serve' (see --help)" },
	{ "", "unexpected argument '' (see --help)" },
	{ "-", "unexpected argument '-' (see --help)" },
	{ "--", "unexpected argument '--' (see --help)" },
	{ "--=1", "unexpected argument '--=1' (see --help)" },
};

START_TEST(mistake_names_the_flag_and_what_is_wrong)
{
	const char *const args[] = { mistakes[_i].arg, NULL };
	struct parse p;

	parse(&p, args, NULL);
	ck_assert_str_eq(p.err, mistakes[_i].err);
	ck_assert_int_eq(p.r, -EINVAL);
	parse_free(&p);
}

static const struct {
	const char *assignment;
	const char *err;
} env_mistakes[] = {
	{ "IOR_SERIES_MAX=0", "IOR_SERIES_MAX: '0' " NUMBER },
	{ "IOR_ATTACH=bogus", "IOR_ATTACH: 'bogus' is none of " MODES },
	{ "IOR_COPIES=9", "IOR_COPIES: '9' is not a number from 0 to 8" },
	{ "IOR_COLLECTOR_GAP=on", "IOR_COLLECTOR_GAP: 'on' is neither true nor false" },
	{ "IOR_MAX_AGE=1", "IOR_MAX_AGE: '1' " DURATION },
	{ "IOR_SERIES_MEMORY=x", "IOR_SERIES_MEMORY: 'x' " SIZE },
	{ "IOR_WEB_LISTEN_ADDRESS=", "--web.listen-address: names no address" },
	{ "IOR_WEB_LISTEN_ADDRESS=\n\n", "--web.listen-address: names no address" },
	{ "IOR_DUMP=yes", "IOR_DUMP: 'yes' is neither true nor false" },
	{ "IOR_COLLECTOR_ERRNO=off", "IOR_COLLECTOR_ERRNO: 'off' is neither true nor false" },
	{ "IOR_LOG_LEVEL=loud", "IOR_LOG_LEVEL: 'loud' is none of debug,info,warn,error" },
};

START_TEST(mistake_in_the_environment_names_the_variable)
{
	const char *const args[] = { NULL }, *const env[] = { env_mistakes[_i].assignment, NULL };
	struct parse p;

	parse(&p, args, env);
	ck_assert_str_eq(p.err, env_mistakes[_i].err);
	ck_assert_int_eq(p.r, -EINVAL);
	parse_free(&p);
}

START_TEST(environment_says_how_to_attach_and_flags_beat_it)
{
	const char *const none[] = { NULL }, *const args[] = { "--attach=auto", "--copies=0",
							       "--no-collector.gap", NULL };
	const char *const env[] = { "IOR_ATTACH=raw_tp", "IOR_COPIES=3", "IOR_COLLECTOR_GAP=1",
				    NULL };
	struct parse p;

	parse(&p, none, env);
	ck_assert_str_eq(p.err, "");
	ck_assert_uint_eq(p.config.attach, ATTACH_RAW_TP);
	ck_assert_uint_eq(p.config.copies, 3);
	ck_assert(p.config.collect_gap);
	parse_free(&p);
	parse(&p, args, env);
	ck_assert_str_eq(p.err, "");
	ck_assert_uint_eq(p.config.attach, ATTACH_AUTO);
	ck_assert_uint_eq(p.config.copies, 0);
	ck_assert(!p.config.collect_gap);
	parse_free(&p);
}

static const struct {
	const char *args[4];
	bool shows_bpf, shows_process;
} selves[] = {
	{ { NULL }, true, true },
	{ { "--no-collector.bpf" }, false, true },
	{ { "--no-collector.process" }, true, false },
	{ { "--web.disable-exporter-metrics" }, false, false },
	{ { "--web.disable-exporter-metrics", "--collector.bpf", "--collector.process" },
	  false,
	  false },
	{ { "--no-web.disable-exporter-metrics", "--no-collector.bpf" }, false, true },
};

START_TEST(exporter_metrics_are_shown_unless_disabled_together_or_alone)
{
	struct parse p;

	parse(&p, selves[_i].args, NULL);
	ck_assert_str_eq(p.err, "");
	ck_assert_int_eq(p.config.shows_bpf, selves[_i].shows_bpf);
	ck_assert_int_eq(p.config.shows_process, selves[_i].shows_process);
	ck_assert(p.config.collect_errno && p.config.collect_in_flight);
	parse_free(&p);
}

Suite *config_value_suite(void)
{
	const struct test tests[] = {
		{ number_size_or_duration_has_its_value, COUNT(numbers) },
		{ choice_is_the_enum_of_its_word, COUNT(choices) },
		{ buckets_follow_their_flags, 0 },
		{ mistake_names_the_flag_and_what_is_wrong, COUNT(mistakes) },
		{ environment_says_how_to_attach_and_flags_beat_it, 0 },
		{ exporter_metrics_are_shown_unless_disabled_together_or_alone, COUNT(selves) },
		{ mistake_in_the_environment_names_the_variable, COUNT(env_mistakes) },
	};

	return suite_make("config_value", tests, COUNT(tests));
}
