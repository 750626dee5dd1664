// What of the ESP-IDF has no module of its own: randomness, why the chip started, and which of the two slots is good.
#include <stdint.h>
#include "esp_ota_ops.h"
#include "esp_random.h"
#include "esp_system.h"

void door_random(uint8_t *bytes, uint32_t count)
{
	esp_fill_random(bytes, count);
}

int32_t door_reset_reason(void)
{
	return (int32_t)esp_reset_reason();
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

// The running image is good: without this the boot loader starts the other slot next time.
void door_mark_valid(void)
{
	esp_ota_mark_app_valid_cancel_rollback();
}

// The running image is not good: the other slot, now. Returns only when there is none.
void door_roll_back(void)
{
	esp_ota_mark_app_invalid_rollback_and_reboot();
}
