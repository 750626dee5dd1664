// What of the ESP-IDF has no module of its own: randomness, why the chip started, which of the two slots is good, and a
// watch that runs outside of the engine. Signatures by libsodium, a component of the ESP-IDF's registry: mbedTLS knows no Ed25519.
#include <stdint.h>
#include "esp_image_format.h"
#include "esp_ota_ops.h"
#include "esp_random.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "sodium.h"

void door_random(uint8_t *bytes, uint32_t count)
{
	esp_fill_random(bytes, count);
}

int32_t door_reset_reason(void)
{
	return (int32_t)esp_reset_reason();
}

uint32_t door_free_bytes(void)
{
	return esp_get_free_heap_size();
}

void door_restart(void)
{
	esp_restart();
}

// 1 while the running image is a new one that nobody has called good.
int32_t door_is_pending(void)
{
	esp_ota_img_states_t state;
	return esp_ota_get_state_partition(esp_ota_get_running_partition(), &state) == ESP_OK && state == ESP_OTA_IMG_PENDING_VERIFY;
}

// 0 for the first slot, 1 for the second.
int32_t door_running_slot(void)
{
	return (int32_t)esp_ota_get_running_partition()->subtype - ESP_PARTITION_SUBTYPE_APP_OTA_0;
}

// 1 when the other slot holds an image whose header, segments and hash are right: what the boot loader asks, too.
int32_t door_is_bootable(void)
{
	const esp_partition_t *slot = esp_ota_get_next_update_partition(NULL);
	esp_partition_pos_t part;
	esp_image_metadata_t image;
	if (slot == NULL)
		return 0;
	part.offset = slot->address;
	part.size = slot->size;
	return esp_image_verify(ESP_IMAGE_VERIFY_SILENT, &part, &image) == ESP_OK;
}

// 1 when the 64 bytes of the signature are this key's (32 bytes), over these bytes.
int32_t door_is_signed(uint8_t *key, uint8_t *signature, uint8_t *text, uint32_t count)
{
	return sodium_init() >= 0 && crypto_sign_verify_detached(signature, text, count, key) == 0;
}

// The other slot is tried with the next start, once; marked as new, because the boot loader can go back.
void door_select(void)
{
	esp_ota_set_boot_partition(esp_ota_get_next_update_partition(NULL));
}

// The running image is good: without this the boot loader starts the other slot next time.
void door_mark_valid(void)
{
	esp_ota_mark_app_valid_cancel_rollback();
}

static esp_timer_handle_t watch;

static void expired(void *nothing)
{
	esp_restart();
}

// After so many ms the chip starts anew, whatever the program does; 0: not any more.
void door_watch(uint32_t ms)
{
	const esp_timer_create_args_t made = { .callback = expired, .name = "trial" };
	if (watch == NULL && esp_timer_create(&made, &watch) != ESP_OK)
		return;
	esp_timer_stop(watch);
	if (ms > 0)
		esp_timer_start_once(watch, (uint64_t)ms * 1000);
}
